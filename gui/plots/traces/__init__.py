"""Room gui/plots/traces."""
