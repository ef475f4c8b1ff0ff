"""The report: one page of figures and tables of one or several runs."""
