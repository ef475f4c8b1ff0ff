"""Before a run: bench, cabling, cell, start page, queue."""
