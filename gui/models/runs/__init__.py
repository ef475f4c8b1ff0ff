"""Room gui/models/runs."""
