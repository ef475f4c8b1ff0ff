"""Runs that wait for their bench."""

__all__: list[str] = []
