"""Room gui/plots/spectra."""
