"""Room gui/models/sources."""
