"""Fits of spectra: what is chosen, what came out."""
