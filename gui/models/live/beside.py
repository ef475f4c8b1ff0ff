"""The runs in progress that are not on show: where each is, asked of its engine, and how it ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.common.number_format import with_prefix
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr
from solbench.gui.models.context import Context
from solbench.gui.models.live.control import words_of
from solbench.gui.models.run.alarms import Severity

if TYPE_CHECKING:
    from solbench.acquisition.control.messages import Status
    from solbench.acquisition.queue.standing import Condition

ASK_EVERY_S = 1.0


@dataclass(frozen=True)
class Beside:
    """A run that is not on show; `words` tell it from all others, and so does the shorter `name`: its bench, if it can.

    `status` None: its engine has not answered. `ended` is how it ended, None while it has an engine.
    """

    entry: Entry
    words: str
    name: str = ""
    status: Status | None = None
    ended: Condition | None = None

    @property
    def state(self) -> str:
        """Get what it does now, as the strip of the run on show says it."""
        if self.ended is not None:
            return self.ended.kind.replace("_", " ")
        return self.status.state.value if self.status is not None else "no answer"

    @property
    def reading(self) -> str:
        """Get the newest voltage and current, "" where there is none that holds."""
        status = self.status
        if status is None or status.voltage_V is None or self.ended is not None:
            return ""
        flows = "" if status.current_A is None else with_prefix(status.current_A, "A", floor=1e-9)
        return "  ".join(filter(None, (with_prefix(status.voltage_V, "V", floor=1.0), flows)))

    @property
    def place(self) -> str:
        """Get the protocol and its step and cycle, or how the run ended."""
        what = words_of(self.entry)
        if self.ended is not None:
            return f"{what}: {self.ended.text}"
        if self.status is None or not self.status.step:
            return what
        step = self.status.step
        if self.status.cycle:
            step = tr("{step}, cycle {cycle}", step=step, cycle=self.status.cycle)
        return f"{step} \u00b7 {what}"

    @property
    def alarms(self) -> Sequence[str]:
        """Get what its engine raises an alarm for."""
        return self.status.alarms if self.status is not None and self.ended is None else ()


@dataclass
class _Known:
    entries: tuple[Entry, ...] = ()
    statuses: dict[str, Status] = field(default_factory=dict)
    ended: dict[str, tuple[Entry, Condition]] = field(default_factory=dict)


class BesideRuns:
    """Rows of the runs in progress that are not on show, and of those that ended while nobody looked at them.

    `changed` is called after every change; `tick` asks the engines once a second, beside the window.
    """

    def __init__(self, context: Context) -> None:
        self.changed = Observers()
        self.rows: list[Beside] = []
        self._context = context
        self._known = _Known()
        self._asking = False
        self._asked_s = -ASK_EVERY_S
        context.run.subscribe(lambda _run: self._show())

    def take(self, entries: tuple[Entry, ...]) -> None:
        """Take note of which runs are in progress and not on show; of one that is no more, how it ended."""
        here, shown = {entry.run for entry in entries}, self._shown
        for entry in self._known.entries:
            if entry.run not in here and entry.path != shown:
                self._ask_for_end(entry)
        self._known.entries = entries
        for run in here & self._known.ended.keys():  # it was resumed
            del self._known.ended[run]
        self._show()

    def tick(self) -> None:
        """Ask the engines where they are; one question at a time."""
        now_s = time.monotonic()
        if self._asking or not self._known.entries or now_s - self._asked_s < ASK_EVERY_S:
            return
        self._asking, self._asked_s = True, now_s
        from solbench.acquisition.queue.standing import status_of

        asked = self._known.entries

        def done(found: dict[str, Status | None]) -> None:
            self._asking = False
            self._known.statuses = {run: status for run, status in found.items() if status is not None}
            self._show()

        def failed(_error: Exception) -> None:
            self._asking = False

        self._context.jobs.call(lambda: {entry.run: status_of(entry) for entry in asked}, done, failed)

    def dismiss(self, run: str) -> None:
        """Show a run that has ended no longer."""
        self._known.ended.pop(run, None)
        self._show()

    @property
    def _shown(self) -> str:
        run = self._context.run.value
        return str(run.path) if run is not None else ""

    def _ask_for_end(self, entry: Entry) -> None:
        from solbench.acquisition.queue.standing import Condition, ending

        def done(how: Condition) -> None:
            if entry.path != self._shown and entry.run not in {each.run for each in self._known.entries}:
                self._known.ended[entry.run] = (entry, how)
                self._show()

        def failed(_error: Exception) -> None:
            done(Condition("no_run_file", tr("how it ended cannot be read")))

        self._context.jobs.call(lambda: ending(Path(entry.path)), done, failed)

    def _show(self) -> None:
        shown, known = self._shown, self._known
        known.ended = {run: end for run, end in known.ended.items() if end[0].path != shown}
        here = [(entry, None) for entry in known.entries if entry.path != shown]
        every = sorted([*here, *known.ended.values()], key=lambda one: (one[0].bench, one[0].started))
        live = {entry.run: entry for entry in (*self._context.live.value, *(entry for entry, _ in every))}
        benches = [entry.bench for entry in live.values()]
        rows = [
            Beside(
                entry,
                words_of(entry, [*live.values()]),
                entry.bench if benches.count(entry.bench) < 2 else Path(entry.path).stem,
                known.statuses.get(entry.run),
                how,
            )
            for entry, how in every
        ]
        if rows != self.rows:
            self.rows = rows
            self._raise_alarms()
            self.changed()

    def _raise_alarms(self) -> None:
        """Let the alarms of a run that is not on show be heard as well."""
        for row in self.rows:
            for text in row.alarms:
                self._context.alarms.raise_alarm(
                    f"{row.words}: {text}", f"beside:{row.entry.run}:{text}", Severity.UNWATCHED
                )
