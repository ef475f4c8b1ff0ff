"""Before a run: bench, cabling, cell, start page, queue."""

__all__: list[str] = []
