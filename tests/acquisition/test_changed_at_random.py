"""Runs that are changed, paused, asked for spectra and killed at random moments: they do what the plan says."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from solbench.acquisition.control.messages import ChangeRequest, SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import Event, ProtocolChanged, SegmentStart
from solbench.acquisition.record.journal import journal_path, read_journal
from solbench.acquisition.run.session import Session
from solbench.acquisition.run.start import resume
from solbench.protocols import load_cell, parse_protocol, plan
from solbench.protocols.corrections.under_way import with_changes
from solbench.protocols.plan import Version
from solbench.protocols.segments import Sweep
from tests.acquisition.asked import killed, sessions
from tests.acquisition.engine.manual.test_changes import LARGEST_A, require_true
from tests.acquisition.runs import request, seen_run

TEXT = """
name: at random
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 2 s}
steps:
  - name: rates
    kind: loop
    over: {rate: [0.1 mA/cm2, 0.16 mA/cm2]}
    steps:
      - name: cycling
        kind: loop
        count: 2
        steps:
          - name: down
            kind: constant_current
            current: -$rate
            until: {capacity: 0.0003 mAh/cm2}
            spectra_at: [50 %, 100 %]
            rest: {time: 2 s}
            spectrum: {from: 1 MHz, to: 100 kHz, points_per_decade: 1, amplitude: 30 mV, integration: 0.1 s}
          - {name: pause, kind: rest, time: 3 s}
  - {name: hold, kind: constant_voltage, voltage: 0.8 V, current_limit: 0.2 mA/cm2, until: {time: 6 s}}
"""
VALUES = {
    "cycling": {"count": ("1", "2", "3")},
    "down": {
        "until.capacity": ("0.0001 mAh/cm2", "0.0004 mAh/cm2", "0.0006 mAh/cm2"),
        "until.time": ("3 s", "9 s"),
        "current": ("-0.05 mA/cm2", "-0.12 mA/cm2"),
        "rest.time": ("1 s", "4 s"),
        "spectrum.to": ("10 kHz",),
    },
    "pause": {"time": ("1 s", "5 s")},
    "hold": {"until.time": ("3 s", "9 s"), "voltage": ("0.78 V", "0.82 V"), "current_limit": ("0.1 mA/cm2",)},
}
LAST = 260  # about so many records has the run


class AtRandom:
    """Does something to a run at random records of it."""

    def __init__(self, seed: int) -> None:
        self.draw, self.control, self.sessions = random.Random(seed), RunControl(), list[Session]()
        kinds = ("change",) * 4 + ("spectrum", "pause")
        count = self.draw.randint(1, 6)
        self.at = {self.draw.randint(3, LAST): self.draw.choice(kinds) for _ in range(count)}
        self.kill = self.draw.randint(20, LAST) if self.draw.random() < 0.5 else None

    def hear(self, event: Event) -> None:
        what = self.at.pop(event.seq, "")
        if event.kind == "paused":
            if self.draw.random() < 0.5:
                self._change()
            self.control.ask(Verb.RESUME, "a test")
        elif what == "change":
            self._change()
        elif what == "spectrum":
            self.sessions[-1].ask_spectrum(SpectrumRequest(rest="1 s"), "a test")
        elif what == "pause":
            self.control.ask(Verb.PAUSE, "a test")

    def _change(self) -> None:
        step = self.draw.choice(list(VALUES))
        fields = self.draw.sample(list(VALUES[step]), self.draw.randint(1, min(2, len(VALUES[step]))))
        settings = [f"{field}={self.draw.choice(VALUES[step][field])}" for field in fields]
        self.sessions[-1].ask_change(ChangeRequest(step=step, settings=settings), "a test")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(150))
def test_every_segment_is_that_of_the_plan_with_the_changes_before_it(tmp_path: Path, seed: int):
    done, path = AtRandom(seed), tmp_path / "r.h5"
    with sessions() as done.sessions:
        if done.kill is None:
            seen = seen_run(request(path, TEXT), done.hear, run_control=done.control)
            require_true(seen, LARGEST_A)
            completed = seen.result is not None and seen.result.completed
        else:
            wanted = request(path, TEXT)
            killed(wanted, lambda event: event.seq == done.kill, done.hear, run_control=done.control)
            completed = resume(path, done.control, [done.hear]).completed
    assert completed
    require_planned(list(read_journal(journal_path(path))))


def require_planned(events: list[Event]) -> None:
    """Hold every segment that began against the plan by then, and all steps against the plan in the end."""
    first, build = parse_protocol(TEXT, "test"), load_cell("nbh").build("half")
    versions, steps = [Version(0, first)], dict[int, tuple[str, int | None]]()
    for event in events:
        body = event.body
        if isinstance(body, ProtocolChanged):
            versions.append(Version(body.ordinal, with_changes(versions[-1].protocol, body.changes)))
        elif isinstance(body, SegmentStart) and body.ordinal >= 0:
            planned = next(islice(plan(first, build, versions[1:]), body.ordinal, None))
            began = body.segment
            if isinstance(began, Sweep) and isinstance(planned, Sweep):
                planned = replace(
                    planned, spectrum=began.spectrum
                )  # those on demand are counted with the others
            assert began == planned
            place = body.step.path, body.step.cycle
            assert steps.setdefault(body.step.index, place) == place
    assert set(steps) == {each.step.index for each in plan(first, build, versions[1:])}
