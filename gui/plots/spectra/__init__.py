"""Plots of impedance spectra and their fits."""

__all__: list[str] = []
