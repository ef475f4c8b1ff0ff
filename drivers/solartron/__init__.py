"""Room drivers/solartron."""
