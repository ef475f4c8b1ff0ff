"""Solbench beside what would be used in its place: `python -m benchmarks [--repeats 5] [--page docs/performance.md]`.

Each figure is taken several times in turn, each time by a process of its own, and told by its median with lowest and
highest. Costs are processor times, so that other programs on the computer count as little as can be. Every peer runs in
an environment of its own, made from the registry. With `--page` the table of that page is written anew.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
from benchmarks.environments import PEERS, python_with, version_of

HERE = Path(__file__).parent
OWN = "solbench"
ROWS = 10_000
FITS = 5  # of impedance.py some take half a minute
MANY, MORE = 10_000, 1_000_000
LOST_AFTER_S = 2.0
MARKS = ("<!-- table: written by python -m benchmarks -->\n", "<!-- end of table -->\n")
RUN = ["run", "half-cell", "--cell", "nbh", "--bench", "simulated", "--json"]


@dataclass
class Figure:
    """One line of the table: what is measured, in which unit, and what each program came to."""

    what: str
    unit: str
    found: dict[str, list[float]] = field(default_factory=dict)

    def add(self, program: str, value: float | None) -> None:
        """Take one value; None where there is none."""
        if value is not None:
            self.found.setdefault(program, []).append(value)


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    figures = [figure for measure in MEASURES for figure in measure(given.repeats)]
    text = "\n".join([*_lines(figures), "", _machine(given.repeats), ""])
    print(text)
    if given.page is not None:
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
                cost.add(program, _number(program, "writing.py", way, file, rows))
                lost.add(program, _lost(program, way, Path(folder, f"{program}-killed-{repeat}")))
    yield cost
    yield lost


def growing(repeats: int) -> Iterator[Figure]:
    """The same sample in a short run and in a long one."""
    few, many = (Figure(f"a sample kept, mean of {count:.0e}", "us") for count in (MANY, MORE))
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            for figure, count in ((few, MANY), (many, MORE)):
                file = Path(folder, f"{count}-{repeat}")
                figure.add(OWN, _number(OWN, "writing.py", "solbench_journal", file, count))
                file.unlink()
    yield few
    yield many


def fitting(repeats: int) -> Iterator[Figure]:
    """A circuit with two arcs and a tail, 61 points, 0.1 % noise."""
    cost = Figure("fit of two arcs and a tail", "ms")
    wrong = Figure(f"fits of {FITS} with a resistance off by 5 %", "")
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            file = Path(folder, f"{repeat}.json")
            file.write_text(json.dumps([_spectrum(100 * repeat + n) for n in range(FITS)]))
            for program, way in ((OWN, "solbench"), ("impedance", "impedance_py")):
                told = _told(program, "fitting.py", way, file)
                found = json.loads(told) if told else None
                cost.add(program, found["ms"] if found else None)
                wrong.add(program, found["wrong"] if found else None)
    yield cost
    yield wrong


def starting(repeats: int) -> Iterator[Figure]:
    """From nothing to a program that can begin."""
    starts = {
        OWN: ["-m", "solbench", "--version"],
        "pymeasure": ["-c", "import pymeasure.experiment"],
        "bluesky": ["-c", "import bluesky.run_engine"],
        "qcodes": ["-c", "import qcodes.dataset"],
        "impedance": ["-c", "import impedance.models.circuits"],
    }
    figure = Figure("start, until it can begin", "s")
    for _ in range(repeats):
        for program, order in starts.items():
            figure.add(program, _seconds(program, order))
    yield figure


def running(repeats: int) -> Iterator[Figure]:
    """A whole run of the simulated bench, and what is said of it afterwards."""
    whole, again = (
        Figure("half cell of 17 h, simulated, with its fits", "s"),
        Figure("its summary again", "s"),
    )
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            run = str(Path(folder, f"run-{repeat}.h5"))
            whole.add(OWN, _seconds(OWN, ["-m", "solbench", *RUN, "-o", run]))
            again.add(OWN, _seconds(OWN, ["-m", "solbench", "summary", run]))
    yield whole
    yield again


MEASURES: tuple[Callable[[int], Iterator[Figure]], ...] = (writing, growing, fitting, starting, running)


def _spectrum(seed: int) -> dict[str, list[float]]:
    """Draw a circuit and its spectrum from 1 MHz to 1 Hz."""
    draw = np.random.default_rng(seed)
    f = np.geomspace(1e6, 1.0, 61)
    ohm = 10 ** draw.uniform(1.5, 3.0, 3)
    tau_s = np.array([10 ** draw.uniform(-5.5, -4.5), 10 ** draw.uniform(-3.3, -2.3)])
    n, tail, slope = draw.uniform(0.8, 1.0, 2), 10 ** draw.uniform(-3.5, -2.5), draw.uniform(0.6, 0.95)
    omega = 2j * np.pi * f
    arcs = sum(r / (1 + (omega * t) ** k) for r, t, k in zip(ohm[1:], tau_s, n, strict=True))
    z = ohm[0] + arcs + 1 / (tail * omega**slope)
    z = z * (1 + 1e-3 * draw.standard_normal(61)) + 1e-3j * abs(z) * draw.standard_normal(61)
    cpe = tau_s**n / ohm[1:]
    truth = [ohm[0], ohm[1], cpe[0], n[0], ohm[2], cpe[1], n[1], tail, slope]
    return {
        "frequency_Hz": f.tolist(),
        "real_ohm": z.real.tolist(),
        "imaginary_ohm": z.imag.tolist(),
        "truth": [float(value) for value in truth],
    }


def _told(program: str, script: str, *arguments: object) -> str:
    """Run a script with the Python of a program; return the last line that it prints, "" where it cannot run."""
    python = python_with(program)
    if python is None:
        return ""
    order = [python, str(HERE / "peers" / script), *map(str, arguments)]
    done = subprocess.run(order, capture_output=True, text=True, check=False, env=_environment(program))
    if done.returncode:
        print(f"{program}: {script} failed: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return ""
    return done.stdout.strip().splitlines()[-1]


def _number(program: str, script: str, *arguments: object) -> float | None:
    told = _told(program, script, *arguments)
    return float(told) if told else None


def _lost(program: str, way: str, file: Path) -> float | None:
    """Kill a program that writes; return how many of the samples that it acknowledged are missing."""
    python = python_with(program)
    if python is None:
        return None
    order = [python, str(HERE / "peers" / "writing.py"), way, str(file), "endless"]
    with subprocess.Popen(
        order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment(program)
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(LOST_AFTER_S)
        child.kill()
        numbers = [int(line) for line in child.stdout.read().split() if line.isdigit()]
    there = _number(program, "writing.py", way, file, "rows")
    return max(0.0, numbers[-1] - there) if numbers and there is not None else None


def _seconds(program: str, arguments: list[str]) -> float | None:
    """Return the processor time (s) of a process."""
    python = python_with(program)
    if python is None:
        return None
    before = os.times()
    done = subprocess.run([python, *arguments], capture_output=True, check=False, env=_environment(program))
    after = os.times()
    if done.returncode:
        return None
    return after.children_user - before.children_user + after.children_system - before.children_system


def _environment(program: str) -> dict[str, str]:
    """Return the environment of a process: one thread of linear algebra, and Solbench's sources for itself alone."""
    found = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    if program != OWN:
        found.pop("PYTHONPATH", None)
    return found


def _lines(figures: list[Figure]) -> Iterator[str]:
    programs = [OWN, *PEERS]
    names = {OWN: "Solbench", "pymeasure": "PyMeasure", "qcodes": "QCoDeS", "impedance": "impedance.py"}
    yield "| median (lowest - highest) | " + " | ".join(names.get(one, one) for one in programs) + " |"
    yield "|---" * (len(programs) + 1) + "|"
    for figure in figures:
        cells = [_cell(figure.found.get(program, [])) for program in programs]
        unit = f", {figure.unit}" if figure.unit else ""
        yield f"| {figure.what}{unit} | " + " | ".join(cells) + " |"


def _cell(values: list[float]) -> str:
    if not values:
        return ""
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
