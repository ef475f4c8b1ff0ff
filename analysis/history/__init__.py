"""The life of a cell: all its runs, and what other cyclers did to it."""
