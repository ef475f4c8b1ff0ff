"""Runs that wait for their bench."""
