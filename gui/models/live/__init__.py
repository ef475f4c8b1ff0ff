"""Room gui/models/live."""
