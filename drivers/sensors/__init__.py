"""Sensors beside the cell on lines of their own: Modbus, and a thermocouple logger."""
