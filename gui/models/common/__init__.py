"""Room gui/models/common."""
