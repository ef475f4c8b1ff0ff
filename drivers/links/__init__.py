"""Room drivers/links."""
