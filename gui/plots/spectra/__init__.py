"""Plots of impedance spectra and their fits."""
