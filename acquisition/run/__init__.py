"""Room acquisition/run."""
