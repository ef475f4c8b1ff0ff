"""Runs in one line each: what a list of many says of one, and the columns that may be chosen for it."""
