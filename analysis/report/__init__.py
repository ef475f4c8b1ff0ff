"""A report of one or several runs: figures, tables and words as one HTML page, as PDF and as single figures."""
