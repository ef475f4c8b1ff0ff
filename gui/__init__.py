"""The desktop: a client of running engines and a reader of run files."""
