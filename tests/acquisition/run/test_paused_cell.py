"""A paused cell is watched: stored as such, switched off again after a hand, and no fault where nothing answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import solbench.simulators.bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.columns import PAUSED
from solbench.acquisition.record.events import Sample, decode
from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.faults.timeline import Timeline
from tests.tiers import few

CURRENT_A = 0.16e-3 * 0.785
PAUSED_S = 1200.0
PROTOCOL = """
name: sodiation
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 5 s}
steps:
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {time: 10 min}}
"""
Deed = Callable[[Seen, Timeline], None]


class Sliced(Timeline):
    """Virtual time that also passes while a run only waits, a second at a time."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.slice_s = 1.0


def paused_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, deed: Deed = lambda *_: None, after_s: float = 300.0
) -> Seen:
    """Pause a run after five minutes for 20 min; `deed` happens so long after the pause has begun."""
    seen, control, clock = Seen(), RunControl(), Sliced()
    monkeypatch.setattr(solbench.simulators.bench, "VirtualClock", lambda _speed, _start_s: clock)

    def look(event: Any) -> None:
        seen.events.append(event)
        if event.kind == "sample" and event.time_s > 300.0 and not seen.of("paused"):
            control.ask(Verb.PAUSE, "the technician")
        elif event.kind == "paused":
            clock.at(clock.now() + after_s, lambda: deed(seen, clock))
            clock.at(clock.now() + PAUSED_S, lambda: control.ask(Verb.RESUME, "the technician"))

    bench = quiet_bench()
    bench = bench.model_validate({**bench.model_dump(exclude_unset=True), "reconnect_for": "1 h"})
    with watched_benches(lambda bench: setattr(seen, "bench", bench)):
        seen.result = run_it(request(path, PROTOCOL, bench=bench), look, run_control=control)
    return seen


def in_pause(seen: Seen) -> list[Any]:
    return [event for event in seen.of("sample") if event.body.paused]


def test_the_open_circuit_is_stored_as_that_of_a_pause(tmp_path, monkeypatch):
    seen = paused_run(tmp_path / "a.h5", monkeypatch)

    assert seen.result.completed
    stored = in_pause(seen)
    times = np.array([event.time_s for event in stored])
    assert 0.9 * PAUSED_S < times[-1] - times[0] < PAUSED_S
    assert np.diff(times).min() > 9.0
    assert np.diff(times).max() < 62.0
    assert all(abs(event.body.current_A) < 1e-7 for event in stored)
    assert len({event.body.charge_C for event in stored}) == 1
    assert stored[-1].body.voltage_V > stored[0].body.voltage_V + 1e-3, "it relaxes"
    run = open_run(tmp_path / "a.h5")
    flagged = run.samples[(run.samples["flags"] & PAUSED) != 0]
    assert np.array_equal(flagged["time_s"], times)
    end = seen.of("segment_end")[-1].body
    assert end.step_charge_C == pytest.approx(seen.truth.charge_C, rel=1e-3)


def test_a_reader_that_knows_no_pauses_reads_such_a_sample(tmp_path, monkeypatch):
    stored = in_pause(paused_run(tmp_path / "a.h5", monkeypatch))[0]
    text = stored.json().replace(',"paused":true', ',"not_known_yet":true')
    read = decode(text).body
    assert isinstance(read, Sample)
    assert (read.voltage_V, read.paused) == (stored.body.voltage_V, False)


def press_on(seen: Seen, clock: Timeline) -> None:
    """A hand sets a current and switches the cell on at the front panel."""
    instrument = seen.bench.truth.bus.instruments[int(seen.bench.addresses["1287"].split("::")[1])]
    for line in (b"PC+1.0E-04\r\n", b"PW1\r\n"):
        instrument.receive(line, True, clock.now())


def test_a_hand_that_switches_the_cell_on_is_told_of_and_its_charge_counted(tmp_path, monkeypatch):
    seen = paused_run(tmp_path / "a.h5", monkeypatch, press_on)

    (alarm,) = seen.of("alarm")
    assert alarm.body.code == "on_in_pause"
    assert abs(alarm.body.parameters["current_A"]) == pytest.approx(1e-4, rel=0.01)
    began_s = seen.of("paused")[0].time_s
    assert 300.0 <= alarm.time_s - began_s < 365.0
    (gap,) = seen.of("gap")
    assert gap.body.cause == "by_hand"
    end = seen.of("segment_end")[-1].body
    assert end.step_charge_C == pytest.approx(seen.truth.charge_C, abs=gap.body.uncertainty_C + CURRENT_A)
    assert seen.result.completed


@few("away_s", [3.0, 500.0, PAUSED_S], (1,))
def test_instruments_that_are_silent_in_a_pause_are_no_fault(tmp_path, monkeypatch, away_s):
    def silent(seen: Seen, clock: Timeline) -> None:
        seen.bench.truth.faults.kill("1287", "1260")
        clock.at(clock.now() + away_s, seen.bench.truth.faults.revive)

    seen = paused_run(tmp_path / "a.h5", monkeypatch, silent)

    assert seen.result.completed
    assert seen.result.alarms == ()
    assert [event.body.code for event in seen.of("alarm")] in (
        [],
        ["connection_lost"],
        ["connection_lost"] * 2,
    )
    assert bool(seen.of("alarm")) == (away_s > 100.0)
    assert seen.of("gap") == [] or seen.of("gap")[0].body.charge_C == 0.0
    assert len(seen.of("paused")) == 1


def test_a_short_circuit_in_a_pause_is_told(tmp_path, monkeypatch):
    def lead(seen: Seen, _clock: Timeline) -> None:
        seen.bench.truth.faults.set_leads(loose_reference=True)

    seen = paused_run(tmp_path / "a.h5", monkeypatch, lead)
    assert seen.of("alarm")[0].body.code in ("readings_disagree", "paused_cell_changed")
