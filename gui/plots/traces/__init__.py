"""Plots against time and charge."""

__all__: list[str] = []
