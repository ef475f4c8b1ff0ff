"""Plots with pyqtgraph: axes, views, overlays, saving."""
