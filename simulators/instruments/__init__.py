"""Room simulators/instruments."""
