"""Room cli/commands."""
