"""Fits of spectra: what is chosen, what came out."""

__all__: list[str] = []
