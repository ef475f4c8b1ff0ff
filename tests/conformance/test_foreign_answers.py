"""Somebody else on the bus asks an instrument things: what is counted is what went through the cell, on every make."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.folds import StepRecord
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.start import Result
from solbench.simulators.bus.gpib import bus_number
from solbench.simulators.clock import Agenda, Alarm
from tests.acquisition.runs import request, run_it, watched_benches
from tests.analysis.experiments.draws import drawn
from tests.conformance.benches import simulated_file
from tests.tiers import few

FALLING = """
name: falling
build: metal
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 5 s}
steps:
  - {name: before, kind: rest, time: 20 s}
  - {name: hold, kind: constant_voltage, voltage: 20 mV, current_limit: 100 uA, until: {time: 6 min}}
  - {name: back, kind: constant_current, current: 50 uA, until: {time: 3 min}}
"""
READINGS = {"1287": ("RU1",), "EC301": ("vlevel?", "ilevel?"), "2400": (":READ?",)}
OTHERS = {
    "1287": ("?ER", "?RR", "?PV", "?VN"),
    "EC301": ("irange?", "ceenab?", "setvol?", "*IDN?"),
    "2400": (":SYST:ERR?", ":SOUR:CURR?", "*IDN?"),
    "1260": ("?FR", "?ER", "?VN"),
}
HOLDER = {"solartron": "1287", "ec301": "EC301", "keithley2400": "2400", "keithley2400_1260": "2400"}


class Stranger:
    """Another controller of the bus: it asks one instrument `questions` now and then, and reads no answer.

    `longest_s`: from one to the next, at most.
    """

    def __init__(
        self, bench: Any, name: str, questions: Sequence[str], draw: random.Random, longest_s: float = 90.0
    ) -> None:
        simulated = bench.truth
        self._truth, self._bus, self._draw = simulated.truth, simulated._bus, draw
        self._device = self._bus.instruments[bus_number(simulated.addresses[name])]
        self._questions = questions
        self._longest_s = longest_s
        self.asked = 0
        self._alarm = Alarm(self._ask, draw.uniform(5.0, 60.0))
        self._bus._agenda = Agenda([*self._bus._agenda._alarms, self._alarm])

    def _ask(self) -> None:
        now_s = self._alarm.due_s
        self._alarm.set(
            now_s + self._draw.choice([0.03, 1.0, self._draw.uniform(0.1, 1.0) * self._longest_s])
        )
        question = self._draw.choice(self._questions)
        if question == ":READ?" and not self._truth.polarized:
            return  # it is refused then, and the refusal is found as an error
        self._device.receive(question.encode() + b"\n", True, now_s)
        self.asked += 1


def stick_status(bench: Any, name: str, draw: random.Random) -> None:
    """Have an instrument's status stuck for some seconds, at the bit that says that a line waits or at all of them."""
    bus = bench.truth._bus
    status = draw.choice([128 if name == "1287" else 16, 255])

    def begin() -> None:
        bus._faults.stick_status(name, status)
        first.set(math.inf)

    def end() -> None:
        bus._faults.stick_status(name, None)
        last.set(math.inf)

    begin_s = draw.uniform(40.0, 200.0)
    first, last = Alarm(begin, begin_s), Alarm(end, begin_s + draw.uniform(2.0, 20.0))
    bus._agenda = Agenda([*bus._agenda._alarms, first, last])


class Asked(NamedTuple):
    """A run while somebody else asked: what was told of it, and what is true (C), by step."""

    result: Result
    recorded: dict[str, StepRecord]
    true_C: dict[str, float]


def asked_run(
    tmp_path: Path,
    model: str,
    kind: str,
    seed: int,
    latency_s: float = 1e-3,
    ask: Verb | None = None,
    longest_s: float = 90.0,
) -> Asked:
    """Carry FALLING out on a bus of this latency (s), and see that nothing drives the cell behind it.

    `ask` is said at some moment of the first minute of the hold; a pause is resumed.
    """
    draw = random.Random(f"{model} {kind} {seed}")
    holder = HOLDER[model]
    questions = (*READINGS[holder], *OTHERS[holder]) if kind == "all" else READINGS[holder]
    cell = drawn(
        "metal",
        transference_number=draw.uniform(0.3, 0.6),
        concentration_time=f"{draw.uniform(100.0, 200.0):.0f} s",
        charge_transfer_resistance=f"{draw.uniform(20.0, 100.0):.0f} ohm",
    )
    strangers: list[Stranger] = []
    truths: dict[str, float] = {}
    steps: list[str] = []
    benches: list[Any] = []
    run_control = RunControl()
    asks = [] if ask is None else [(ask, draw.uniform(5.0, 60.0))]
    held_s: list[float] = []

    def opened(bench: Any) -> None:
        benches.append(bench)
        strangers.append(Stranger(bench, holder, questions, draw, longest_s))
        if kind == "stuck":
            stick_status(bench, holder, draw)

    def look(event: Any) -> None:
        if event.kind == "segment":
            steps.append(event.body.step.name)
        if event.kind in ("segment", "segment_end"):
            sign = 1.0 if event.kind == "segment_end" else -1.0
            truths[steps[-1]] = truths.get(steps[-1], 0.0) + sign * float(benches[-1].truth.truth.charge_C)
        if event.kind == "sample" and steps[-1] == "hold":
            held_s.append(event.time_s)
            if asks and event.time_s - held_s[0] >= asks[0][1]:
                run_control.ask(asks.pop()[0], "said by the test")
        if event.kind == "paused" and ask is not None:  # any other pause fails a test that asks for none
            run_control.ask(Verb.RESUME, "said by the test")

    bench = simulated_file(model, None if model.startswith("keithley") else "we_re2")
    slow = bench.model_copy(update={"simulation": {**bench.simulation, "latency_s": latency_s}})
    with watched_benches(opened):
        wanted = request(tmp_path / "a.h5", FALLING, cell, slow)
        result = run_it(wanted, look, run_control=run_control)
    assert not asks
    assert strangers[0].asked >= (5 if ask is None else 2)
    assert not benches[-1].truth.truth.polarized
    recorded = {step.name: step for step in open_run(tmp_path / "a.h5").steps}
    return Asked(result, recorded, truths)


@pytest.mark.parametrize("model", HOLDER)
@few("kind", ["readings", "all", "stuck"], (1, 2))
@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 8))])
def test_no_charge_is_wrong_because_somebody_else_asked(
    tmp_path: Path, model: str, kind: str, seed: int
) -> None:
    found = asked_run(tmp_path, model, kind, seed)
    assert found.result.completed, found.result.reason
    for step in ("hold", "back"):
        assert found.recorded[step].charge_C == pytest.approx(found.true_C[step], rel=1e-3), step


def read_in_vain(bench: Any, draw: random.Random, longest_s: float, refused: str = "") -> None:
    """Have somebody else read from a 2400 that has nothing to say, some times in a row, at most `longest_s` (s) apart.

    Each leaves an error. From 10 s on the 2400 refuses `refused`.
    """
    simulated = bench.truth
    bus = simulated._bus
    device = bus.instruments[bus_number(simulated.addresses["2400"])]

    def read() -> None:
        now_s = alarm.due_s
        if refused and now_s > 10.0:
            bus._faults.refuse("2400", refused, -222)
        if not device.output:
            for _ in range(draw.choice([1, 9, 10, 11, 25])):
                device.has_nothing_to_say()
        alarm.set(now_s + draw.uniform(0.1, 1.0) * longest_s)

    alarm = Alarm(read, draw.uniform(1.0, 10.0))
    bus._agenda = Agenda([*bus._agenda._alarms, alarm])


@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 8))])
def test_a_queue_that_is_full_of_others_errors_stops_no_sound_run(tmp_path: Path, seed: int) -> None:
    draw = random.Random(f"full {seed}")
    truths: list[float] = []
    benches: list[Any] = []

    def opened(bench: Any) -> None:
        benches.append(bench)
        read_in_vain(bench, draw, draw.choice([1.0, 5.0, 25.0]))

    def look(event: Any) -> None:
        if event.kind in ("segment", "segment_end"):
            truths.append(float(benches[-1].truth.truth.charge_C))

    wanted = request(tmp_path / "a.h5", FALLING, drawn("metal"), simulated_file("keithley2400", None))
    with watched_benches(opened):
        result = run_it(wanted, look)
    assert result.completed, result.reason
    steps = open_run(tmp_path / "a.h5").steps
    for step, began_C, ended_C in zip(steps, truths[::2], truths[1::2], strict=True):
        assert step.charge_C == pytest.approx(ended_C - began_C, rel=1e-3, abs=1e-9), step.name


@few("refused", ["SENS:CURR:PROT", "SOUR:VOLT", "SENS:CURR:RANG", "SOUR:CURR:RANG", "SOUR:CURR"], 2)
@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 4))])
def test_nor_does_it_hide_that_a_setting_was_refused(tmp_path: Path, refused: str, seed: int) -> None:
    draw = random.Random(f"{refused} {seed}")
    benches: list[Any] = []

    def opened(bench: Any) -> None:
        benches.append(bench)
        read_in_vain(bench, draw, 1.0, refused)

    wanted = request(tmp_path / "a.h5", FALLING, drawn("metal"), simulated_file("keithley2400", None))
    with watched_benches(opened):
        result = run_it(wanted)
    assert not result.completed
    assert "-222" in result.reason
    assert not benches[-1].truth.truth.polarized


@pytest.mark.parametrize("model", ["solartron", "keithley2400"])
@pytest.mark.parametrize("latency_s", [pytest.param(0.02, marks=pytest.mark.long), 0.05, 0.12])
@pytest.mark.parametrize("seed", [*(pytest.param(one, marks=pytest.mark.long) for one in (0, 2, 3, 4)), 1])
def test_nor_on_a_slow_bus_and_what_was_counted_by_older_answers_is_told(
    tmp_path: Path, model: str, latency_s: float, seed: int
) -> None:
    """Where it cannot be looked at each reading, some are those of a question before: the step says how much that is.

    What is not told is the inrush of a step, which no reading of a bus as slow as this one shows.
    """
    found = asked_run(tmp_path, model, "readings", seed, latency_s)
    assert found.result.completed, found.result.reason
    for name, share in (("hold", 5e-4 + 6e-3 * latency_s), ("back", 5e-5)):
        step, true_C = found.recorded[name], found.true_C[name]
        told_C = sum(gap.uncertainty_C for gap in step.doubtful if gap.cause == "foreign")
        assert abs(step.charge_C - true_C) <= told_C + share * abs(true_C), name
        assert told_C <= 0.02 * abs(true_C), name


@few("ask", [Verb.STOP, Verb.PAUSE], 1)
@few("model", ["keithley2400", "solartron"], 1)
@few("seed", list(range(30, 40)), [7])
def test_nor_is_it_forgotten_where_a_step_is_stopped_or_paused(
    tmp_path: Path, ask: Verb, model: str, seed: int
) -> None:
    latency_s = 0.12
    found = asked_run(tmp_path, model, "readings", seed, latency_s, ask, 12.0)
    assert found.result.completed == (ask is not Verb.STOP), found.result.reason
    step, true_C = found.recorded["hold"], found.true_C["hold"]
    told_C = sum(gap.uncertainty_C for gap in step.doubtful)
    inrush_C = 7e-5 * latency_s  # of each time that the voltage is set, before a reading shows it
    assert abs(step.charge_C - true_C) <= told_C + inrush_C * (1 if ask is Verb.STOP else 2)


@few(("alone", "model"), [(True, "solartron"), (False, "ec301"), (False, "solartron"), (True, "ec301")], 2)
@pytest.mark.parametrize("seed", [0, *(pytest.param(one, marks=pytest.mark.long) for one in range(1, 6))])
def test_no_point_of_a_spectrum_is_another_one_because_somebody_else_asked(
    tmp_path: Path, model: str, alone: bool, seed: int
) -> None:
    draw = random.Random(f"{model} {alone} {seed}")
    strangers: list[Stranger] = []
    settings = ("instruments=1260",) if alone else ()
    points: list[dict[float, complex]] = []
    completed: list[bool] = []

    def opened(bench: Any) -> None:
        if points[1:]:
            strangers.append(Stranger(bench, "1260", OTHERS["1260"], draw, 10.0))

    def look(event: Any) -> None:
        if event.kind == "point":
            points[-1][event.body.frequency_Hz] = complex(event.body.real_ohm, event.body.imaginary_ohm)

    with watched_benches(opened):
        for name in ("quiet", "asked"):
            points.append({})
            wanted = request(
                tmp_path / f"{name}.h5",
                "ionic-conductivity",
                "nbh",
                simulated_file(model, "we_re2"),
                settings,
            )
            result = run_it(wanted, look)
            completed.append(result.completed)
    assert strangers[0].asked >= 5
    quiet, asked = points
    assert completed[0]
    assert asked.keys() == quiet.keys() or not completed[1]  # a result may be lost to an answer in its place
    for frequency_Hz, ohm in asked.items():
        assert ohm == pytest.approx(quiet[frequency_Hz], rel=0.01), frequency_Hz
