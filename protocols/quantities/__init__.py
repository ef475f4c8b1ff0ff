"""Room protocols/quantities."""
