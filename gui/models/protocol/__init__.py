"""Room gui/models/protocol."""
