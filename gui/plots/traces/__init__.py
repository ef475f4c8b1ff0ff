"""Plots against time and charge."""
