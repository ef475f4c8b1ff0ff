"""Quantities with units, as text and in SI."""
