"""The protocols that come with the program: their names need nothing loaded."""

from pathlib import Path

SHIPPED = Path(__file__).parent
"""Their folder."""


def shipped_protocols() -> list[str]:
    """Get the names of the protocols that come with the program."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))
