"""What several models share: numbers, settings, traces, background jobs."""

__all__: list[str] = []
