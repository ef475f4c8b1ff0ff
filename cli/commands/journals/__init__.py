"""Commands about the journals of runs that have ended."""
