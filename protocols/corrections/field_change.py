"""One value of a protocol that has become another: a record of it needs nothing of what checks and plans protocols."""

from dataclasses import dataclass

SAFETY = "safety."


@dataclass(frozen=True)
class FieldChange:
    """A field by its path in the protocol, with its text before and after, None where it is not written."""

    path: str
    before: str | None
    after: str | None

    @property
    def words(self) -> str:
        """Get it in words: "steps.charge.until.voltage: 1.2 V instead of 1.5 V"."""
        none = "that of the cell's record" if self.path.startswith(SAFETY) else "none"
        return f"{self.path}: {self.after or none} instead of {self.before or none}"
