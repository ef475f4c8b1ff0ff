"""A run from its start check to the finished file, and its continuation."""
