"""Room acquisition/bench."""
