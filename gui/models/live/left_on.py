"""Cells that are not verified off and that no program drives: what the guardians have written down of them."""

import time
from dataclasses import dataclass
from pathlib import Path

from solbench.acquisition.control.duties import Duty, left_on
from solbench.gui.models.common.jobs import Finished
from solbench.gui.models.common.observed import Observed
from solbench.gui.models.common.words import ntr, tr
from solbench.gui.models.context import Context

LOOK_EVERY_S = 1.0
MAKE_SAFE_S = 60.0


@dataclass(frozen=True)
class LeftOn:
    """One cell: what to do first of all, what is known beside that, and the run whose cell it is."""

    run: str
    by_hand: str
    text: str


class LeftOnCells:
    """The cells that are not verified off; `tick` looks for them now and then."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._looked_s = -LOOK_EVERY_S
        self.found: Observed[tuple[LeftOn, ...]] = Observed(())

    def tick(self) -> None:
        """Look if it is time."""
        now_s = time.monotonic()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._looked_s = now_s
            self.found.set(tuple(_described(duty) for duty in left_on()))

    def pressed(self) -> None:
        """Take a person's word that the first of them was switched off by hand, and have the reading looked at."""
        if self.found.value:
            cell = self.found.value[0]
            self._context.message.set(tr("looking whether the cell is off"))
            arguments = ["make-safe", cell.run, "--pressed", "--json"]
            self._context.jobs.command(arguments, self._looked, timeout_s=MAKE_SAFE_S)

    def _looked(self, finished: Finished) -> None:
        from solbench.gui.models.common.answers import MadeSafe

        deed = finished.read(MadeSafe)
        self._context.message.set(deed.text if deed is not None else finished.said)
        self._looked_s = -LOOK_EVERY_S


def _described(duty: Duty) -> LeftOn:
    cell = {"run": Path(duty.run).name, "bench": duty.bench}
    state = (
        tr("The cell of {run} on {bench} is not verified off since {since}", since=duty.since, **cell)
        if duty.since
        else tr("The cell of {run} on {bench} is not verified off", **cell)
    )
    tries = (
        ntr("the guardian has tried {count} time", "the guardian has tried {count} times", duty.tries)
        if duty.guardian.alive
        else tr("nothing tries to switch it off")
    )
    problem = f": {duty.problem}" if duty.problem else ""
    said = (
        " " + tr("You said that it was switched off by hand; no reading confirms it yet.")
        if duty.pressed is not None
        else ""
    )
    return LeftOn(
        duty.run,
        f"{duty.by_hand}.",
        f"{state}; {tries}{problem.rstrip('.')}.{said}",
    )
