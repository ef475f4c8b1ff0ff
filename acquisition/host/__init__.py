"""Where operating systems differ: state folder, locks, processes, sleep."""

__all__: list[str] = []
