"""Specimens of the instruments: what differs from one unit to the next, and how one of them is drawn."""
