"""A served bench and engines on it, each in a process of its own, with the truth at hand."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from solbench.acquisition.bench.models import MODELS
from solbench.acquisition.host.platform import host_s, kill
from solbench.acquisition.record.events import Event
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.protocols import load_cell
from solbench.simulators.server.client import Control
from tests.end_to_end.programs import Process, has_said, started
from tests.pace import Stopwatch

THREE_MINUTES = """
name: three-minutes
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.016 mA/cm2, until: {time: 180 s}}
"""
CURRENT_A = (
    0.016e-3 * 0.785
)  # little: on a busy machine readings are seconds of the cell apart, and must still agree

AN_HOUR = THREE_MINUTES.replace("180 s", "3600 s")  # not over before the test has done what it does to it
EDGE_S, EDGE_LATE_S = 0.25, 0.06  # what is looked at to either side of an edge; so late may it have been
LONGEST_RUN_S = 240.0  # else the time-out of the test ends its worker


class TooBusy(AssertionError):
    """What was to be measured was not, for the machine stood still meanwhile."""


def again_if_busy(test: Callable[..., None]) -> Callable[..., None]:
    """Let a test have a second try, in another folder and with a fresh cell, where the machine was too busy."""

    @functools.wraps(test)
    def tried(tmp_path: Path, **given: Any) -> None:
        try:
            test(tmp_path=tmp_path, **given)
        except TooBusy:
            if "bench" in given:
                given["bench"].fresh_cell()
            again = tmp_path / "again"
            again.mkdir()
            test(tmp_path=again, **given)

    return tried


@dataclass
class ServedBench:
    """A running `solbench simulate`; `watch` has run since it began."""

    folder: Path
    control: Control
    environment: dict[str, str]
    process: Process
    watch: Stopwatch
    engines: list[Process] = field(default_factory=list)

    @property
    def bench(self) -> Path:
        """Get the bench file for it."""
        return self.folder / "bench.yaml"

    def require_charge(
        self,
        counted_C: float,
        within_s: float,
        *truths: Mapping[str, Any],
        speed: float = 1.0,
        more_C: float = 0.0,
    ) -> None:
        """Hold a charge that was counted against the last of these truths, to what flows in so much host time.

        Whoever moves the relay waits for a turn like any other: on a busy machine each movement that the truths know
        may have been late by as much as a nap beside it was, and by no more than `EDGE_LATE_S`. Raises TooBusy where
        that is not enough and naps were later.
        """
        moved_s = {truth[name] for truth in truths for name in ("closed_host_s", "opened_host_s")} - {None}
        late_s = [self.watch.latest_s(edge_s - EDGE_S, edge_s + EDGE_S) for edge_s in moved_s]
        allowed_s = within_s + sum(min(one_s, EDGE_LATE_S) for one_s in late_s)
        off_C, allowed_C = abs(counted_C - truths[-1]["charge_C"]), CURRENT_A * speed * allowed_s + more_C
        if off_C > allowed_C and max(late_s, default=0.0) > EDGE_LATE_S:
            raise TooBusy(
                f"the machine was too busy: turns came {max(late_s):.2f} s late, {off_C=} {allowed_C=}"
            )
        assert off_C <= allowed_C, (off_C, allowed_C, late_s)

    def fresh_cell(self, cell: str = "nbh") -> None:
        """Mount a fresh half cell."""
        self.control.set_cell(load_cell(cell).build("half").simulated_cell())

    def start(self, run: Path, protocol: str = THREE_MINUTES, *more: str) -> Process:
        """Start an engine that prints its events."""
        file = run.with_suffix(".yaml")
        file.write_text(protocol)
        command = ["run", str(file), "--cell", "nbh", "--bench", str(self.bench), "-o", str(run), "--events"]
        self.engines.append(started(self.folder, [*command, *more], self.environment, text=False))
        return self.engines[-1]

    def call(self, *arguments: str, timeout_s: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        process = started(self.folder, arguments, self.environment)
        out, err = process.communicate(timeout=timeout_s)
        return subprocess.CompletedProcess(arguments, process.wait(), out, err)


@contextmanager
def served_bench(
    folder: Path, *options: str, listens: bool = True, model: str = "solartron"
) -> Iterator[ServedBench]:
    """Serve the simulated bench for the time of the context; on a TCP port, if the options do not say where."""
    places = {"SOLBENCH_STATE": str(folder / "state"), "SOLBENCH_LOCKS": str(folder / "locks")}
    environment = {**os.environ, **places}
    ideal = folder / "ideal.yaml"  # no gain or offset errors: what is recorded can be held against the truth
    terminal = "positive_terminal: we_re2\n" if MODELS[model].signs_of else ""
    ideal.write_text(
        f"name: ideal\nkind: simulated\nmodel: {model}\n{terminal}simulation: {{unit: ideal, errors: none}}\n"
    )
    command = [
        "simulate",
        "--cell",
        "nbh",
        "--bench",
        str(ideal),
        *(("--listen", "127.0.0.1:0") if listens else ()),
        "--bench-out",
        str(folder / "bench.yaml"),
        *options,
    ]
    process = started(folder, command, environment)
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        with Control(json.loads(line)["control"]) as control, Stopwatch() as watch:
            bench = ServedBench(folder, control, environment, process, watch)
            try:
                yield bench
            finally:
                for engine in bench.engines:  # what a test that failed has left
                    end(engine)
    finally:
        _end_guardians(Path(environment["SOLBENCH_STATE"]))
        process.terminate()
        process.wait(timeout=60.0)
        end(process)


def _end_guardians(state: Path) -> None:
    """End those that still look for a bench which is about to go; with its state, nothing is left that they hold."""
    for path in (state / "duties").glob("*.json"):
        kill(json.loads(path.read_text())["guardian"]["pid"])


def end(process: Process) -> None:
    """Kill a process if it still goes on, and let go of its streams."""
    if process.poll() is None:
        process.kill()
        process.wait(timeout=60.0)
    process.stdout.close()
    process.stderr.close()


def read_until(engine: Process, wanted: int) -> list[dict[str, Any]]:
    """Read event lines of an engine until `wanted` of them, or its end, which must come within some minutes."""
    events = []
    buffer = b""
    until = time.monotonic() + LONGEST_RUN_S
    while len(events) < wanted:
        left_s = until - time.monotonic()
        said = left_s > 0.0 and has_said(engine.stdout, left_s)
        assert said, [event for event in events if event["kind"] in ("alarm", "paused")]
        data = os.read(engine.stdout.fileno(), 65536)
        if not data:
            break
        *lines, buffer = (buffer + data).split(b"\n")
        events += [json.loads(line) for line in lines if line.startswith(b'{"seq"')]
    return events


@dataclass
class Killed:
    """What a kill left: the last event seen, when it was killed, and the truth after the cell was off."""

    events: list[dict[str, Any]]
    killed_host_s: float
    truth: dict[str, Any]

    @property
    def off_after_s(self) -> float:
        """Get how long the cell stayed on after the kill, in s of host time; 0 if it was off already."""
        opened = self.truth["opened_host_s"]
        return max(0.0, opened - self.killed_host_s) if opened is not None else 0.0


def wait_until_off(bench: ServedBench, timeout_s: float = 60.0) -> dict[str, Any]:
    """Wait until the cell is off by the simulator's truth; return the truth."""
    until = time.monotonic() + timeout_s
    while True:
        truth = bench.control.truth()
        if not truth["polarized"] or time.monotonic() > until:
            return truth
        time.sleep(0.01)


def kill_after(bench: ServedBench, engine: Process, lines: int) -> Killed:
    """Kill an engine with SIGKILL after so many event lines, and wait for the cell to be off."""
    events = read_until(engine, lines)
    killed_s = host_s()
    engine.kill()
    rest = engine.stdout.read()
    events += [json.loads(line) for line in rest.split(b"\n") if line.rstrip().endswith(b"}")]
    engine.wait(timeout=60.0)
    engine.stdout.close()
    engine.stderr.close()
    return Killed(events, killed_s, wait_until_off(bench))


def journal(run: Path) -> list[Event]:
    """Return the events in a run's journal."""
    return list(read_journal(journal_path(run)))
