"""Correcting what was typed about the cell of a run, by `solbench correct`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.answers import CorrectedField, Corrections
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr

LONGEST_S = 60.0


class Correcting:
    """The fields of one run, and a correction of them; `changed` is called when something is another.

    `made` is called when a correction was made.
    """

    def __init__(self, jobs: Jobs, run: Path, made: Callable[[], None]) -> None:
        self._jobs = jobs
        self._made = made
        self.run = run
        self.changed = Observers()
        self.fields: tuple[CorrectedField, ...] = ()
        self.earlier: tuple[str, ...] = ()
        self.said = tr("reading…")
        self.failed = self.done = False
        self.busy = True
        jobs.command(["correct", str(run), "--json"], self._read, timeout_s=LONGEST_S)

    def settings(self, edited: Mapping[str, str]) -> list[str]:
        """Return what of the edited texts differs from what is written, as settings."""
        present = {field.field: field.text for field in self.fields}
        return [
            f"{name}={text.strip() or 'null'}"
            for name, text in edited.items()
            if text.strip() != present.get(name, "")
        ]

    def arguments(self, edited: Mapping[str, str], who: str, why: str) -> list[str]:
        """Return the command that makes the correction."""
        sets = [part for setting in self.settings(edited) for part in ("--set", setting)]
        return ["correct", str(self.run), *sets, "--who", who.strip(), "--why", why.strip()]

    def twin(self, edited: Mapping[str, str], who: str, why: str) -> str:
        """Return the same on the command line, "" where nothing differs."""
        return as_typed("solbench", *self.arguments(edited, who, why)) if self.settings(edited) else ""

    def can_make(self, edited: Mapping[str, str], who: str, why: str) -> bool:
        """Say whether there is something to be corrected, with a name and a reason."""
        return not self.busy and bool(self.settings(edited) and who.strip() and why.strip())

    def make(self, edited: Mapping[str, str], who: str, why: str) -> None:
        """Make the correction."""
        if self.can_make(edited, who, why):
            self.busy, self.said = True, tr("correcting…")
            self.changed()
            arguments = [*self.arguments(edited, who, why), "--json"]
            self._jobs.command(arguments, self._corrected, timeout_s=LONGEST_S)

    def _read(self, finished: Finished) -> None:
        self._take(finished, "")

    def _corrected(self, finished: Finished) -> None:
        self.done = finished.read(Corrections) is not None
        self._take(finished, tr("corrected; every conclusion follows it"))
        if self.done:
            self._made()

    def _take(self, finished: Finished, words: str) -> None:
        answer = finished.read(Corrections)
        self.busy, self.failed = False, answer is None
        if answer is None:
            self.said = finished.said
        else:
            self.fields = answer.fields
            self.earlier = tuple(one.words for one in answer.corrections)
            self.said = "\n".join(filter(None, (words, *answer.doubts)))
        self.changed()
