"""The runs in a folder: list, overview, overlay, report."""

__all__: list[str] = []
