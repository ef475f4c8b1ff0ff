"""What the screens show, without Qt."""

__all__: list[str] = []
