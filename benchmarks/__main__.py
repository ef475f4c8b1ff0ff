"""Solbench beside what would be used in its place: `python -m benchmarks [--repeats 5] [--page docs/performance.md]`.

Each figure is taken several times in turn, each time by a process of its own, and told by its median with lowest and
highest. Costs are processor times, so that other programs on the computer count as little as can be. Every peer runs in
an environment of its own, made from the registry. With `--page` the table of that page is written anew.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
from benchmarks.bus import asking, stopping
from benchmarks.drawing import drawing
from benchmarks.environments import PEERS, python_with, version_of
from benchmarks.figures import OWN, PEER_SCRIPTS, Figure, environment, number, seconds
from benchmarks.size import growing
from benchmarks.spectra import fitting, judging

ROWS = 10_000
LOST_AFTER_S = 2.0
MARKS = ("<!-- table: written by python -m benchmarks -->\n", "<!-- end of table -->\n")
NAMES = {"pymeasure": "PyMeasure", "bluesky": "Bluesky", "qcodes": "QCoDeS", "impedance": "impedance.py"}
RUN = ["run", "half-cell", "--cell", "nbh", "--bench", "simulated", "--json"]


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--page", type=Path)
    names = [measure.__name__ for measure in MEASURES]
    parser.add_argument(
        "--only", action="append", choices=names, help="measure these parts alone, and write no page"
    )
    given = parser.parse_args()
    chosen = [measure for measure in MEASURES if measure.__name__ in (given.only or names)]
    with tempfile.TemporaryDirectory() as folder:  # the user's settings and runs have no part in it
        os.environ["SOLBENCH_STATE"], os.environ["XDG_CONFIG_HOME"] = f"{folder}/state", f"{folder}/config"
        figures = [figure for measure in chosen for figure in _timed(measure, given.repeats)]
    text = "\n".join([*_lines(figures), "", *_behind(figures), "", _machine(given.repeats), ""])
    print(text)
    if given.page is not None and not given.only:
        page = given.page.read_text(encoding="utf-8")
        begin, end = (re.escape(mark) for mark in MARKS)
        given.page.write_text(
            re.sub(f"(?s){begin}.*?{end}", lambda _: f"{MARKS[0]}{text}{MARKS[1]}", page), encoding="utf-8"
        )


def writing(repeats: int) -> Iterator[Figure]:
    """A sample that survives the death of its program, and what is lost by a kill."""
    ways = {
        OWN: "solbench_journal",
        "pymeasure": "pymeasure_csv",
        "bluesky": "bluesky_jsonl",
        "qcodes": "qcodes_database",
    }
    cost = Figure(f"a sample kept, mean of {ROWS}", "us")
    lost = Figure("samples lost of those acknowledged, kill -9", "")
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            for program, way in ways.items():
                rows = ROWS if program != "qcodes" else ROWS // 20  # a transaction each
                file = Path(folder, f"{program}-{repeat}")
                cost.add(program, number(program, "writing.py", way, file, rows))
                lost.add(program, _lost(program, way, Path(folder, f"{program}-killed-{repeat}")))
    yield cost
    yield lost


def starting(repeats: int) -> Iterator[Figure]:
    """From nothing to a program that can begin."""
    starts = {
        OWN: [
            "-c",
            "from solbench.cli.main import loaded; loaded(['run'])",
        ],  # what the command does before its first line
        "pymeasure": [
            "-c",
            "import pymeasure.experiment; from pymeasure.instruments.keithley import Keithley2400",
        ],
        "bluesky": ["-c", "import bluesky.run_engine"],
        "qcodes": ["-c", "import qcodes.dataset"],
        "impedance": ["-c", "import impedance.models.circuits"],
    }
    figure, listed = Figure("start, until it can begin", "s"), Figure("`solbench runs`", "s")
    for _ in range(repeats):
        for program, order in starts.items():
            figure.add(program, seconds(program, order))
        listed.add(OWN, seconds(OWN, ["-m", "solbench", "runs"]))
    yield figure
    yield listed


def running(repeats: int) -> Iterator[Figure]:
    """A whole run of the simulated bench, and what is said of it afterwards."""
    whole, again, report = (
        Figure("half cell of 17 h, simulated, with its fits", "s"),
        Figure("its summary again", "s"),
        Figure("its report, as page and PDF", "s"),
    )
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            run = str(Path(folder, f"run-{repeat}.h5"))
            whole.add(OWN, seconds(OWN, ["-m", "solbench", *RUN, "-o", run]))
            again.add(OWN, seconds(OWN, ["-m", "solbench", "summary", run]))
            report.add(OWN, seconds(OWN, ["-m", "solbench", "report", run, "-o", f"{run}.html", "--pdf"]))
    yield whole
    yield again
    yield report


Measure = Callable[[int], Iterator[Figure]]
MEASURES: tuple[Measure, ...] = (
    writing,
    growing,
    asking,
    stopping,
    fitting,
    judging,
    drawing,
    starting,
    running,
)


def _timed(measure: Measure, repeats: int) -> list[Figure]:
    """Carry out a part, and say how long it took."""
    begun_s, before = time.monotonic(), os.times()
    figures = list(measure(repeats))
    after = os.times()
    computed_s = after.children_user - before.children_user + after.children_system - before.children_system
    took_s = time.monotonic() - begun_s
    print(f"{measure.__name__}: {took_s:.0f} s, {computed_s:.0f} s computed", file=sys.stderr, flush=True)
    return figures


def _lost(program: str, way: str, file: Path) -> float | None:
    """Kill a program that writes; return how many of the samples that it acknowledged are missing."""
    python = python_with(program)
    if python is None:
        return None
    order = [python, str(PEER_SCRIPTS / "writing.py"), way, str(file), "endless"]
    with subprocess.Popen(
        order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(program)
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(LOST_AFTER_S)
        child.kill()
        numbers = [int(line) for line in child.stdout.read().split() if line.isdigit()]
    there = number(program, "writing.py", way, file, "rows")
    return max(0.0, numbers[-1] - there) if numbers and there is not None else None


def _lines(figures: list[Figure]) -> Iterator[str]:
    yield "| median (lowest - highest) | Solbench | others |"
    yield "|---|---|---|"
    for figure in figures:
        unit = f", {figure.unit}" if figure.unit else ""
        others = (
            f"{NAMES.get(one, one)} {_cell(one, figure.found[one])}" for one in PEERS if one in figure.found
        )
        own = _cell(OWN, figure.found[OWN]) if OWN in figure.found else ""
        yield f"| {figure.what}{unit} | {own} | {'; '.join(others)} |"


def _behind(figures: list[Figure]) -> Iterator[str]:
    """Say in which figures others came to less than Solbench: less is better in all."""
    rows = []
    for figure in figures:
        own = figure.found.get(OWN)
        faster = [
            f"{NAMES.get(one, one)} {median(values) / median(own):.2f}"
            for one in PEERS
            if own and (values := figure.found.get(one)) and median(values) < median(own)
        ]
        if faster:
            rows.append(f"* {figure.what}: {', '.join(faster)} times what Solbench took.")
    if not rows:
        yield "No other program came to less in any row."
        return
    yield from ("Others came to less in these rows:", "", *rows)


def _cell(program: str, values: list[float]) -> str:
    if not values:
        return "did not run" if python_with(program) else "could not be installed"
    if min(values) == max(values):
        return f"{values[0]:.3g}"
    return f"{median(values):.3g} ({min(values):.3g} - {max(values):.3g})"


def _machine(repeats: int) -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        )
        if sys.platform == "linux"
        else iter(()),
        platform.processor(),
    )
    versions = ", ".join(f"{peer} {version}" for peer in PEERS if (version := version_of(peer)))
    load = f"; load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{repeats} times each, {datetime.now(UTC):%Y-%m-%d}, {model or 'unknown processor'}, {os.cpu_count()} cores"
        f"{load}, {platform.system()}, Python {platform.python_version()}, numpy {np.__version__}; {versions}."
    )


if __name__ == "__main__":
    main()
