"""How a protocol would go: the same run on the simulated bench, coarse, in a process of its own."""

import copy
import shutil
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.plain import Data
from solbench.gui.models.common.words import tr
from solbench.gui.models.protocol.step_tree import places
from solbench.protocols.files import dump_text
from solbench.protocols.kinds.series import Values

PASSES = 2  # of every loop
LONGEST_S = 120.0
MOST_POINTS = 4000
BENCH = {
    "name": "preview",
    "kind": "simulated",
    "positive_terminal": "we_re2",
    "max_unwatched": "5 min",
    "near_limit": "5 s",
}


@dataclass(frozen=True)
class Curve:
    """A previewed run: time (s), cell voltage (V), current (A, positive charges the cell), times of spectra (s).

    `note` says where it is shorter than the protocol, or how it ended.
    """

    time_s: Array
    voltage_V: Array
    current_A: Array
    spectra_s: tuple[float, ...]
    completed: bool
    note: str


class Preview:
    """Makes curves on request; `changed` is called when one is there, when it failed, and when work begins."""

    def __init__(self, jobs: Jobs) -> None:
        self.changed = Observers()
        self._jobs = jobs
        self._asked = 0
        self.curve: Curve | None = None
        self.problem = ""
        self.busy = False
        self._folders: set[Path] = set()

    def close(self) -> None:
        """Leave nothing behind, whatever is under way."""
        self._asked += 1
        for folder in tuple(self._folders):
            self._drop(folder)

    def _drop(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._folders.discard(folder)

    def forget(self) -> None:
        """Drop the curve: it is not that of the present protocol any more."""
        if self.curve is not None or self.problem or self.busy:
            self._asked += 1
            self.curve, self.problem, self.busy = None, "", False
            self.changed()

    def request(self, protocol: Data, cell: str) -> None:
        """Run a protocol's data on the simulated bench for a cell record (`cell` is its file's text)."""
        self._asked += 1
        asked, folder = self._asked, Path(tempfile.mkdtemp(prefix="solbench-preview-"))
        self._folders.add(folder)
        data, cut = shortened(protocol)
        (folder / "protocol.yaml").write_text(dump_text(data), encoding="utf-8")
        (folder / "cell.yaml").write_text(cell, encoding="utf-8")
        (folder / "bench.yaml").write_text(dump_text(BENCH), encoding="utf-8")
        self.busy, self.problem = True, ""

        def read() -> Curve:
            try:
                return read_curve(folder / "run.h5", cut)
            finally:
                self._drop(folder)

        def ran(finished: Finished) -> None:
            if asked != self._asked or not (folder / "run.h5").exists():
                self._drop(folder)
                self._take(asked, None, finished.said or tr("the simulated bench gave no run"))
                return
            self._jobs.call(
                read, lambda curve: self._take(asked, curve, ""), lambda e: self._take(asked, None, str(e))
            )

        arguments = [
            "run",
            "protocol.yaml",
            "--cell",
            "cell.yaml",
            "--bench",
            "bench.yaml",
            "-o",
            "run.h5",
            "--json",
        ]
        self._jobs.command(arguments, ran, folder, LONGEST_S, {"SOLBENCH_STATE": str(folder / "state")})
        self.changed()

    def _take(self, asked: int, curve: Curve | None, problem: str) -> None:
        if asked != self._asked:
            return
        self.busy, self.curve, self.problem = False, curve, problem
        self.changed()


def shortened(protocol: Data) -> tuple[Data, str]:
    """Return a protocol with every loop at two passes, and a text of what was left out ("" if nothing was)."""
    data = copy.deepcopy(protocol)
    cut = []
    for _, step in places(data):
        count = step.get("count")
        if step.get("kind") == "loop" and isinstance(count, int) and count > PASSES:
            cut.append(
                tr("{passes} of {count} passes of {step}", passes=PASSES, count=count, step=step.get("name"))
            )
            step["count"] = PASSES
        over = step.get("over")
        if isinstance(over, dict) and any(_more_than_two(values) for values in over.values()):
            cut.append(tr("{passes} values of {step}", passes=PASSES, step=step.get("name")))
            step["over"] = {name: _first_two(values) for name, values in over.items()}
    return data, ", ".join(cut)


def _more_than_two(values: object) -> bool:
    return not isinstance(values, list) or len(values) > PASSES


def _first_two(values: Any) -> Any:
    if isinstance(values, list):
        return values[:PASSES]
    try:
        return list(Values.model_validate(values).texts()[:PASSES])
    except ValueError:
        return values  # which is refused as it is


def read_curve(path: Path, cut: str) -> Curve:
    """Read the curve of a finished run file."""
    from solbench.acquisition.record.reader import open_run

    run = open_run(path)
    kept = _sparse(run.samples["voltage_V"])
    end = run.end
    how = (
        ""
        if run.completed
        else tr("not completed: {reason}", reason=end.reason if end else tr("it broke off"))
    )
    return Curve(
        run.samples["time_s"][kept],
        run.samples["voltage_V"][kept],
        run.samples["current_A"][kept],
        tuple(spectrum.time_s for spectrum in run.spectra),
        run.completed,
        "; ".join(part for part in (cut, how) if part),
    )


def _sparse(values: Array) -> Array:
    """Choose the samples to draw: all, or lowest and highest of each of many stretches, and the last one."""
    count = len(values)
    if count <= MOST_POINTS:
        return np.arange(count)
    edges = np.linspace(0, count, MOST_POINTS // 2 + 1).astype(int)
    found = {0, count - 1}
    for first, last in pairwise(edges):
        found |= {first + int(np.argmin(values[first:last])), first + int(np.argmax(values[first:last]))}
    return np.array(sorted(found))
