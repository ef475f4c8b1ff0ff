"""Room acquisition/queue."""
