"""The distribution of relaxation times of a spectrum: a view beside the fit; no conclusion takes a number from it."""
