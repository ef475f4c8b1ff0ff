"""The parts of the screen Fit."""
