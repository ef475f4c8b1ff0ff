"""The digital side of the simulated instruments: their languages, status, settings and results."""
