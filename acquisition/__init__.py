"""Running and keeping: bench, engine, journal, storage, reader."""
