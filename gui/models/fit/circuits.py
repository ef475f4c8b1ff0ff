"""The circuits that are offered: those of the program, and the user's own, each with what it is for."""

from collections.abc import Iterator

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.common.words import tr
from solbench.gui.models.fit.fit_choice import PURPOSES

KEY = "own_circuits"
_OWN = tr("A circuit of your own.")


class Circuits:
    """A list that the user adds to; what is added is remembered. A circuit of the program stays as it is."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def offered(self) -> dict[str, str]:
        """Get what each circuit is for, by its text, those of the program first."""
        return {**PURPOSES, **dict(self._own())}

    def purpose(self, text: str) -> str:
        """Return what a circuit is for; of one that is not in the list, that it is the user's own."""
        return self.offered.get(text, _OWN)

    def is_own(self, text: str) -> bool:
        """Say whether the user added this circuit."""
        return any(text == own for own, _ in self._own())

    def add(self, text: str, purpose: str) -> None:
        """Add a circuit, or say anew what one that was added is for."""
        if text and text not in PURPOSES:
            kept = [entry for entry in self._own() if entry[0] != text]
            self._write([*kept, (text, " ".join(purpose.split()) or _OWN)])

    def remove(self, text: str) -> None:
        """Take a circuit that was added out of the list."""
        self._write([entry for entry in self._own() if entry[0] != text])

    def _write(self, entries: list[tuple[str, str]]) -> None:
        self._settings.set_texts(KEY, [f"{text}\t{purpose}" for text, purpose in entries])

    def _own(self) -> Iterator[tuple[str, str]]:
        for entry in self._settings.texts(KEY):
            text, _, purpose = entry.partition("\t")
            if text and text not in PURPOSES:
                yield text, purpose or _OWN
