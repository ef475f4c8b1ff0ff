"""Dialogues: every transfer between the program and the instruments of a run, written down and played again."""
