"""The commands of `solbench`, one module each."""

__all__: list[str] = []
