"""Room simulators/electronics."""
