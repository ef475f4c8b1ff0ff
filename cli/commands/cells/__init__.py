"""Commands about the cell of a run."""
