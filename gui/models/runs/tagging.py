"""Giving tags to runs and taking them away, by `solbench tag`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from solbench.acquisition.host.platform import as_typed
from solbench.acquisition.record.beside.tags import distinct, has_all, key, read_tag
from solbench.gui.models.common.answers import Tagged
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr
from solbench.protocols.errors import BadInput

LONGEST_S = 60.0


class Tagging:
    """The tags of some runs, and what is to become of them; `changed` is called when something is another.

    `wanted`: by tag whether all of the runs are to have it (True), none (False), or each as before (None). `made` is
    called when tags were changed.
    """

    def __init__(
        self,
        jobs: Jobs,
        runs: Mapping[Path, tuple[str, ...]],
        in_use: Sequence[str],
        made: Callable[[], None],
    ) -> None:
        self._jobs = jobs
        self._made = made
        self.runs = dict(runs)
        self.changed = Observers()
        self.tags = distinct((*(tag for tags in runs.values() for tag in tags), *in_use))
        self.wanted: dict[str, bool | None] = {tag: self._now(tag) for tag in self.tags}
        self.said = ""
        self.failed = self.done = self.busy = False

    def _now(self, tag: str) -> bool | None:
        have = {has_all(tags, (tag,)) for tags in self.runs.values()}
        return have.pop() if len(have) == 1 else None

    def add(self, text: str) -> bool:
        """Take a tag into the list, wanted for all of the runs; say whether it is one, else `said` is why not."""
        try:
            tag = read_tag(text, tr("tag"))
        except BadInput as error:
            self.said, self.failed = str(error), True
            self.changed()
            return False
        known = next((each for each in self.tags if key(each) == key(tag)), None)
        if known is None:
            self.tags = (*self.tags, tag)
        self.wanted[known or tag] = True
        self.said, self.failed = "", False
        self.changed()
        return True

    def want(self, tag: str, wanted: bool | None) -> None:
        """Say what is to become of a tag."""
        if self.wanted.get(tag) != wanted:
            self.wanted[tag] = wanted
            self.changed()

    @property
    def arguments(self) -> list[str]:
        """Get the command that makes it so, nothing where all is so already."""
        changes = [
            f"--{'add' if wanted else 'remove'}={tag}"
            for tag, wanted in self.wanted.items()
            if wanted is not None and wanted != self._now(tag)
        ]
        return ["tag", *map(str, self.runs), *changes] if changes else []

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        return as_typed("solbench", *self.arguments) if self.arguments else ""

    @property
    def can_make(self) -> bool:
        """Get whether there is something to be changed."""
        return not self.busy and bool(self.arguments)

    def make(self) -> None:
        """Change the tags."""
        if self.can_make:
            self.busy, self.said, self.failed = True, tr("changing the tags…"), False
            self._jobs.command([*self.arguments, "--json"], self._finished, timeout_s=LONGEST_S)
            self.changed()

    def _finished(self, finished: Finished) -> None:
        self.busy = False
        self.done = finished.read(Tagged) is not None
        self.said, self.failed = finished.said, not self.done
        if self.done:
            self._made()
        self.changed()
