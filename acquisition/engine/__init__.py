"""Carrying out a plan: segments, limits, switching, sampling, spectra on demand."""
