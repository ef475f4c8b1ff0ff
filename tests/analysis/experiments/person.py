"""A person who does what the prompts of a run ask for: sets the chamber, presses, and confirms."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event, SegmentStart
from solbench.acquisition.record.reader import Run, open_run
from solbench.analysis.experiments import in_report
from solbench.analysis.report.contents import read_contents
from solbench.analysis.report.render import painted, to_svg
from solbench.protocols import CellRecord
from solbench.protocols.segments import Prompt
from tests.acquisition.runs import quiet_bench, request, run_it, watched_benches


def drawn(run: Run) -> str:
    """Draw the figures of the experiments in a run; returns their SVG."""
    pages = []
    for drawing in in_report.drawings(read_contents([run.path])):
        with painted(drawing) as figure:
            pages.append(to_svg(figure, drawing))
    return "".join(pages)


Does = Callable[[Prompt, Any], bool]


def warms(asked: Prompt, cell: Any) -> bool:
    """Bring the cell to its temperature, and confirm."""
    if asked.temperature_K is not None:
        cell.temperature_K = asked.temperature_K
    return True


def attended(
    path: Path,
    protocol: str,
    *settings: str,
    does: Does = warms,
    cell: str | CellRecord = "nps",
    bench: BenchFile | None = None,
    seed: int = 0,
) -> Run:
    """Carry out a run in whose prompts a person does something with the cell, and confirms if that says so."""
    benches: list[Any] = []
    asked: list[Prompt] = []
    control = RunControl()

    def attend(event: Event) -> None:
        if isinstance(event.body, SegmentStart) and isinstance(event.body.segment, Prompt):
            asked.append(event.body.segment)
        elif event.kind == "paused" and does(asked[-1], benches[-1].truth.cell):
            control.ask(Verb.RESUME, "a test")

    with watched_benches(benches.append):
        result = run_it(
            request(path, protocol, cell, bench or quiet_bench(), settings, seed), attend, run_control=control
        )
    assert result.completed, result.reason
    return open_run(path)
