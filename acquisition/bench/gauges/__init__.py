"""The gauges beside the cell: what a bench file says of them, and how they are read without a wait."""
