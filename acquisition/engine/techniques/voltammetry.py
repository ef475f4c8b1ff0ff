"""A voltage that runs from vertex to vertex: small steps along a line, or a staircase.

The line is one of time: each step is set to where the line is by the clock, so that the rate holds whatever a reading
takes. Readings follow each other without a gap where the rate asks for it, in the shorter conversion once a whole one
would make steps of more than a millivolt.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from solbench.acquisition.engine.actions import Action, Actions, Finish, Off, On, Step
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.engine.schedule import EAGER
from solbench.acquisition.engine.set_points import LimitCheck
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques.holds import approach
from solbench.acquisition.record.events import Alarm
from solbench.drivers.roles import Reading
from solbench.protocols.segments import ConstantVoltage, CyclicScan, LinearScan, Scan

FINE_V = 2e-4  # no finer steps are set, if the time between two readings allows
COARSE_V = 1e-3  # from larger steps on readings are taken in the shorter conversion
OFF_LINE_V, OFF_LINE_SHARE, OFF_LINE_READINGS = 0.01, 0.02, 5


def scan(station: Station, segment: LinearScan | CyclicScan) -> Actions:
    """Come to the first level below the current limit, then run from level to level."""
    first_V = segment.levels_V[0]
    station.prepare_open_circuit()
    open_circuit = station.measure(sure=True)
    yield open_circuit
    station.bench.prepare_voltage(open_circuit.voltage_V, segment.current_limit_A)
    yield On(0.0)
    there = ConstantVoltage(segment.step, first_V, (), segment.current_limit_A)
    if not (yield from approach(station, there, open_circuit.voltage_V, patient=False)):
        text = (
            f"on the way from {open_circuit.voltage_V:.4f} V at open circuit to {first_V:g} V, where the sweep begins, "
            f"the current comes to its limit of {segment.current_limit_A:.3g} A. Let the sweep begin nearer to the "
            "open circuit, or raise current_limit"
        )
        raise AttentionNeeded(Alarm(text=text, code="voltage_not_reached", parameters={"set_V": first_V}))
    limit = LimitCheck(segment.current_limit_A, station.bench.full_scale_A)
    held = _OnLine()
    steps = (
        _line(station, segment) if segment.step_V is None else _staircase(station, segment, segment.step_V)
    )
    set_V = first_V
    for action in steps:
        yield action
        if isinstance(action, Step):
            set_V = action.voltage_V
        if not isinstance(action, Reading):
            continue
        if limit.is_passed(action):
            yield Off()
            yield Finish(_limited(segment, action))
            return
        held.look(action, set_V)
    passed_V = sum(abs(after - before) for before, after in pairwise(segment.levels_V))
    text = f"swept {passed_V:g} V to {segment.levels_V[-1]:g} V"
    yield Finish(Ending("done", text, "time", segment.duration_s, segment.duration_s))


def _line(station: Station, segment: Scan) -> Iterator[Action]:
    """Follow the line; its vertices are set when they are due, and each is read before the voltage turns."""
    rate_V_s, levels_V = segment.rate_V_s, segment.levels_V
    whole_s = max(station.bench.conversion_s, 0.05)
    fast = rate_V_s * whole_s > COARSE_V
    at_least_s = min(FINE_V / rate_V_s, station.watch.max_unwatched_s)
    begin_s = station.now_s()
    for before_V, after_V in pairwise(levels_V):
        end_s = begin_s + abs(after_V - before_V) / rate_V_s
        way = math.copysign(rate_V_s, after_V - before_V)
        took_s = 0.0
        due_s = station.now_s()
        while due_s < end_s - 0.5 * took_s:
            station.sleep_until(due_s)
            now_s = station.now_s()
            middle_s = min(
                now_s + 0.5 * max(took_s, at_least_s), end_s
            )  # of the time for which this step stands
            yield Step(before_V + way * (middle_s - begin_s), turns=False)
            yield station.measure(fast=fast)
            took_s = station.now_s() - now_s
            due_s = max(now_s + at_least_s, station.now_s())
        station.sleep_until(end_s)
        yield Step(after_V, turns=True)
        begin_s = end_s
    yield station.measure()


def _staircase(station: Station, segment: Scan, step_V: float) -> Iterator[Action]:
    """Stand on each step as long as the rate says; the current is read the more often the shorter ago it was set."""
    stands_s = step_V / segment.rate_V_s
    set_s = station.now_s()
    for voltage_V in _stairs(segment.levels_V, step_V):
        yield Step(voltage_V, turns=True)
        end_s, passed_s = set_s + stands_s, 0.0
        while True:
            yield station.measure()
            passed_s = station.now_s() - set_s
            due_s = set_s + min((1.0 + EAGER) * passed_s + 0.05, passed_s + station.watch.max_unwatched_s)
            if due_s + station.bench.conversion_s >= end_s:
                break
            station.sleep_until(due_s)
        station.sleep_until(end_s - 1.5 * station.bench.conversion_s)
        yield station.measure()
        station.sleep_until(end_s)
        set_s = end_s


def _stairs(levels_V: tuple[float, ...], step_V: float) -> Iterator[float]:
    """Yield the voltages of a staircase; each level is one of them, and the step before it may be a smaller one."""
    yield levels_V[0]
    for before_V, after_V in pairwise(levels_V):
        count = math.ceil(abs(after_V - before_V) / step_V - 1e-9)
        by_V = math.copysign(step_V, after_V - before_V)
        yield from (before_V + by_V * place for place in range(1, count))
        yield after_V


def _limited(segment: Scan, reading: Reading) -> Ending:
    limit_A = segment.current_limit_A
    text = f"the current came to its limit of {limit_A:.3g} A at {reading.voltage_V:.4f} V"
    return Ending("step", text, "current_above", limit_A, abs(reading.current_A))


class _OnLine:
    """The voltage must be where it was set, or the instrument has cut out."""

    def __init__(self) -> None:
        self._wrong = 0

    def look(self, reading: Reading, set_V: float) -> None:
        """Look at one reading; raises AttentionNeeded at the last of too many in turn that are elsewhere."""
        is_off = abs(reading.voltage_V - set_V) > OFF_LINE_V + OFF_LINE_SHARE * abs(set_V)
        self._wrong = self._wrong + 1 if is_off else 0
        if self._wrong >= OFF_LINE_READINGS:
            text = (
                f"the cell is at {reading.voltage_V:.4f} V instead of {set_V:.4f} V: the instrument has cut out, or a "
                "lead has come off. Look for a short circuit, a current beyond the range, and at the leads"
            )
            found = {"set_V": set_V, "measured_V": reading.voltage_V, "measured_A": reading.current_A}
            raise AttentionNeeded(Alarm(text=text, code="voltage_not_reached", parameters=found))
