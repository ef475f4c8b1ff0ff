"""What another program's format could not express: kept while translating, reported afterwards as text."""

from dataclasses import dataclass, field


@dataclass
class Losses:
    """A list of sentences, each with the place that it speaks of."""

    entries: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, sentence: str) -> None:
        """Note a loss once; in loops and marks the same one comes again."""
        if (place, sentence) not in self.entries:
            self.entries.append((place, sentence))

    def as_text(self, title: str) -> str:
        """Return the report."""
        if not self.entries:
            return f"{title}\n\nEverything could be expressed.\n"
        lines = [f"* {place}: {sentence}" for place, sentence in self.entries]
        return f"{title}\n\nThis could not be expressed, or only in part:\n\n" + "\n".join(lines) + "\n"
