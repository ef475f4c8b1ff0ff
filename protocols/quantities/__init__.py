"""Quantities with units, as text and in SI."""

__all__: list[str] = []
