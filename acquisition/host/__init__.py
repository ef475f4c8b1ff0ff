"""Room acquisition/host."""
