"""The runs in a folder: list, overview, overlay, report."""
