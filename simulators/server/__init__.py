"""The simulated bench behind an adapter's wire, for programs outside this process."""

__all__: list[str] = []
