"""Simulated sensors beside the cell, and the registers of the devices that they are at."""
