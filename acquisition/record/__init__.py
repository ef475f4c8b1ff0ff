"""Room acquisition/record."""
