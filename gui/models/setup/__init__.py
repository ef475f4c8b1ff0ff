"""Room gui/models/setup."""
