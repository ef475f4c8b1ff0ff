"""What was read beside the cell, put together from the records of a run."""
