"""Room acquisition/engine/techniques."""
