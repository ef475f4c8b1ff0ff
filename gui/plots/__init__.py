"""Plots with pyqtgraph: axes, views, overlays, saving."""

__all__: list[str] = []
