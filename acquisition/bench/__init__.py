"""The bench of a run: its file, how its instruments are reached, and the guardian that makes it safe."""
