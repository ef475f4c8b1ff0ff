"""Figures of a report, each kind a module."""
