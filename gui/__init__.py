"""The desktop: a client of running engines and a reader of run files."""

import gc

# A start makes some 100,000 objects that stay; looking through all of them time and again takes a sixth of it.
gc.set_threshold(20_000, 20, 50)
