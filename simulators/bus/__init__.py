"""Room simulators/bus."""
