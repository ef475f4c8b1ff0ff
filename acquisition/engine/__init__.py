"""Room acquisition/engine."""
