"""How bytes get to an instrument: addresses, adapters, queries, and tables of commands."""
