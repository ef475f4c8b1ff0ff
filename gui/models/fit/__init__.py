"""Room gui/models/fit."""
