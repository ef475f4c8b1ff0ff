"""Corrections of what was typed before a run, and the cell as a header has it."""
