"""Room fitting."""
