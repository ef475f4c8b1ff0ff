"""The bench while no run is: `solbench meters --follow` beside the window, as long as somebody looks."""

import math
import time

from pydantic import ValidationError

from solbench.gui.models.common.answers import Meters
from solbench.gui.models.common.jobs import Conversation, Finished, Jobs
from solbench.gui.models.common.number_format import with_prefix
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import listed, ntr, tr
from solbench.gui.models.setup.bench import SIMULATED
from solbench.protocols.quantities.units import ZERO_DEGC_K

LOOKS_AFTER_S = 1.0  # in front: who only passes a screen starts nothing
AGAIN_AFTER_S = 10.0  # where looking failed: each look that fails is a program that was begun in vain


class IdleBench:
    """What the bench shows now; `changed` is called with each look. Nothing is looked at before `watch`."""

    def __init__(self, jobs: Jobs) -> None:
        self.changed = Observers()
        self.shown: Meters | None = None
        self._jobs = jobs
        self._talk: Conversation | None = None
        self._watched: tuple[str | None, str | None] = (None, None)
        self._number = 0
        self._problem = ""
        self._again_s = -math.inf

    def watch(self, bench: str | None, cell: str | None) -> None:
        """Look at a bench from now on, in place of the one before; `cell` is that of a simulated one.

        One that could not be looked at is tried again after a while.
        """
        problem = ""
        if self._watched == (bench, cell):
            if self._talk is not None or time.monotonic() < self._again_s:
                return
            problem = self._problem  # stays until there is something to show
        self.stop()
        self._problem = problem
        self._number += 1
        number, self._watched = self._number, (bench, cell)
        at = [] if bench is None else ["--bench", bench]
        on = ["--cell", cell] if cell is not None and bench in (None, SIMULATED) else []

        def heard(line: str) -> None:
            if number == self._number:
                self._take(line)

        def done(finished: Finished) -> None:
            if number == self._number and self._talk is not None:
                self._fail(finished.said)

        try:
            self._talk = self._jobs.converse(["meters", *at, *on, "--follow", "--json"], heard, done)
        except OSError as error:
            self._fail(str(error))
        else:
            self.changed()

    def stop(self) -> None:
        """Look no more; what was shown is of before."""
        self._number += 1
        if self._talk is not None:
            self._talk.end()
        self._talk, self.shown, self._problem, self._again_s = None, None, "", -math.inf

    def _fail(self, problem: str) -> None:
        self._talk, self.shown, self._problem = None, None, problem
        self._again_s = time.monotonic() + AGAIN_AFTER_S
        self.changed()

    @property
    def words(self) -> str:
        """Get what is shown now as a line, "" before the first look."""
        shown = self.shown
        if shown is None:
            return self._problem
        if shown.taken or shown.problem:
            return shown.taken or shown.problem
        parts = [with_prefix(shown.voltage_V, "V"), with_prefix(shown.current_A, "A", floor=1e-6)]
        if shown.overload:
            parts.append(tr("overload: {overload}", overload=shown.overload))
        if shown.run:
            parts.append(tr("a run is on this bench"))
        else:
            parts.append(tr("A CURRENT FLOWS, though no run is") if shown.flows else tr("no current"))
        for gauge in shown.gauges:
            if gauge.value is None:
                parts.append(f"{gauge.name}: {gauge.problem}")
            elif gauge.unit == "K":
                parts.append(f"{gauge.name} {gauge.value - ZERO_DEGC_K:.2f} \u00b0C")
            else:
                parts.append(f"{gauge.name} {gauge.value:.2f} {gauge.unit}")
        if shown.instruments:
            parts.append(
                ntr(
                    "{instruments} answers",
                    "{instruments} answer",
                    len(shown.instruments),
                    instruments=listed(sorted(shown.instruments)),
                )
            )
        return "   ".join(parts)

    @property
    def is_doubtful(self) -> bool:
        """Get whether something is not as it should be before a run."""
        shown = self.shown
        return bool(self._problem) or (
            shown is not None and bool(shown.problem or shown.overload or (shown.flows and not shown.run))
        )

    def _take(self, line: str) -> None:
        try:
            self.shown = Meters.model_validate_json(line)
        except ValidationError:
            return
        self._problem = ""
        self.changed()
