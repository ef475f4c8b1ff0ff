"""The digital side of the simulated instruments: their languages, status, settings and results."""

__all__: list[str] = []
