"""Room acquisition/control."""
