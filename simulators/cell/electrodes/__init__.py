"""Electrodes: what they are made of, how they change as they fill, and the counter electrode."""
