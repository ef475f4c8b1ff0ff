"""The life of a cell on the screen, by `solbench cell`: rows of a table, and curves against the cycle."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.answers import CellLife, LifeCycleAnswer, LifeResistanceAnswer
from solbench.gui.models.common.curves import Curve
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import tr

HEADERS = (
    tr("Cycle"),
    tr("Began"),
    tr("In"),
    tr("Back"),
    tr("CE / %"),
    tr("R_SSE / Ω"),
    tr("R_arcs / Ω"),
    tr("Where"),
)
LONGEST_S = 600.0


class LifeModel:
    """The life of one cell of a folder; `changed` is called when something is another."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self.cell = ""
        self.folder = Path()
        self.said = ""
        self.failed = False
        self.life: CellLife | None = None
        self._asked = 0

    @property
    def arguments(self) -> list[str]:
        """Get the command that shows the life."""
        return ["cell", self.cell, "--folder", str(self.folder)]

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        return as_typed("solbench", *self.arguments) if self.cell else ""

    def show(self, cell: str, folder: Path, *, again: bool = False) -> None:
        """Read the life of a cell, unless it is shown; "" shows none."""
        if (cell, folder) == (self.cell, self.folder) and not again:
            return
        self.cell, self.folder, self.life, self.failed = cell, folder, None, False
        self.said = (
            tr("reading the life of {cell}…", cell=cell)
            if cell
            else tr("Choose a run: the life of its cell is shown here.")
        )
        self._asked += 1
        self.changed()
        if cell:
            asked = self._asked
            self._jobs.command(
                [*self.arguments, "--json"], lambda found: self._take(asked, found), timeout_s=LONGEST_S
            )

    def add(self, path: Path) -> None:
        """Add a file of another cycler to the cell, and read its life again."""
        if self.cell:
            self.said = tr("reading {path}…", path=path.name)
            self.changed()
            asked = self._asked
            arguments = [*self.arguments, "--add", str(path), "--json"]
            self._jobs.command(arguments, lambda found: self._take(asked, found), timeout_s=LONGEST_S)

    @property
    def reading(self) -> bool:
        """Get whether the life of a cell is being read."""
        return bool(self.cell) and self.life is None and not self.failed

    @property
    def rows(self) -> list[tuple[str, ...]]:
        """Get the cycles, and the spectra after each, as rows in the order of HEADERS."""
        if self.life is None:
            return []
        found = []
        for cycle in self.life.cycles:
            found.append(self._cycle(cycle))
            found += self._spectra(cycle.number)
        return [*self._spectra(0), *found]

    @property
    def curves(self) -> list[Curve]:
        """Get what went in and came back, against the cycle."""
        if self.life is None or not self.life.cycles:
            return []
        unit = "mAh/cm²" if self.life.area_cm2 is not None else "mAh"
        numbers = np.array([one.number for one in self.life.cycles], float)
        made = []
        for place, (name, values) in enumerate(
            (
                (tr("in"), [one.areal(0) for one in self.life.cycles]),
                (tr("back"), [one.areal(1) for one in self.life.cycles]),
            )
        ):
            y = np.array([np.nan if value is None else value for value in values])
            made.append(
                Curve(name, tr("cycle"), tr("charge ({unit})", unit=unit), numbers, y, place, 2, points=True)
            )
        return made

    def _cycle(self, one: LifeCycleAnswer) -> tuple[str, ...]:
        efficiency = "–" if one.efficiency is None else f"{100.0 * one.efficiency:.2f}"
        first, second = (_text(one.areal(which)) for which in (0, 1))
        began = one.started[:16].replace("T", " ")
        return (
            str(one.number),
            began,
            first,
            second,
            efficiency,
            "",
            "",
            self._where(one.part, one.second_part),
        )

    def _spectra(self, after: int) -> list[tuple[str, ...]]:
        life = self.life
        if life is None:
            return []
        return [
            (
                "",
                one.time[:16].replace("T", " "),
                "",
                "",
                "",
                "–" if one.r_sse_ohm is None else f"{one.r_sse_ohm:.4g}",
                "–" if one.r_int_ohm is None else f"{one.r_int_ohm:.4g}",
                self._which(one),
            )
            for one in life.resistances
            if one.after_cycle == after
        ]

    def _which(self, one: LifeResistanceAnswer) -> str:
        named = {"where": self._where(one.part, None), "spectrum": one.spectrum}
        if one.verdict == "wrong":
            return tr("{where}, spectrum {spectrum}: wrong", **named)
        return tr("{where}, spectrum {spectrum}", **named)

    def _where(self, part: int, second: int | None) -> str:
        parts = self.life.parts if self.life is not None else ()
        names = {
            one.number: " ".join((Path(one.file).name, _in_brackets(one.tags))).rstrip() for one in parts
        }
        shown = names.get(part, "")
        return shown if second in (None, part) else f"{shown}, {names.get(second or 0, '')}"

    def _take(self, asked: int, finished: Finished) -> None:
        if asked != self._asked:  # another cell was chosen meanwhile
            return
        found = finished.read(CellLife)
        self.failed = found is None
        if found is None:
            self.said = finished.said
        else:
            self.life = found
            mark = " – SIMULATED" if found.simulated else ""
            count = len(found.parts)
            self.said = f"{found.cell}{mark}: {count} {'run or file' if count == 1 else 'runs and files'}"
        self.changed()


def _in_brackets(tags: tuple[str, ...]) -> str:
    return f"[{', '.join(tags)}]" if tags else ""


def _text(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
