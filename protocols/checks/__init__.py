"""Checks of steps that belong together, beside those of each kind of step."""
