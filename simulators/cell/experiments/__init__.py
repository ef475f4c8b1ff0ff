"""Cells that are built for one experiment: shorts and transference, the electrochemical window, electrons and holes."""
