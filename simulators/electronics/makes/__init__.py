"""Settings of the makes other than Solartron."""
