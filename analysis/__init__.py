"""From arrays and run files to results."""
