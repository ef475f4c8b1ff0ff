"""The bus and the VISA library of the simulated bench."""

__all__: list[str] = []
