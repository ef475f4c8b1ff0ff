"""The bus and the VISA library of the simulated bench."""
