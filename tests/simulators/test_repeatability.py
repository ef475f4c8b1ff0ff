"""Samples depend on seed and dialogue alone: not on pace, nor on how the waiting was sliced."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.simulators.bench import SimulatedBench
from tests.simulators.cells import SourceAndResistor
from tests.simulators.conftest import Desk


def dialogue(seed: int, *, speed: float | None = None, slice_s: float = 1e9) -> list[str]:
    bench = SimulatedBench(
        {"emf_V": 1.0, "ramp_V_s": 1e-4},
        settings={"unit": "ideal"},
        seed=seed,
        speed=speed,
        build=SourceAndResistor,
    )
    desk = Desk(bench)
    lines = []
    desk.ready_to_read()
    desk.hold_current(1e-4)
    for n in range(5):
        target_s = 3.7 * (n + 2)
        while desk.clock.now() < target_s:
            desk.clock.sleep_until(min(target_s, desk.clock.now() + slice_s))
        lines.append(desk.pstat.query("RU1"))
    desk.tell("PW0", "PO0", "RR4", "PV-1.0", "PW1")
    desk.tell_fra("OP2,1", "CV0", "IS0.1", "FR1E3", "VA1")
    lines.append(desk.fra.query("SI"))
    lines.append(repr((bench.truth.charge_C, bench.clock.now())))
    return lines


def test_the_same_seed_gives_the_same_samples_and_another_does_not():
    assert dialogue(3) == dialogue(3)
    assert dialogue(3)[:6] != dialogue(4)[:6]


def test_pacing_changes_no_sample():
    assert dialogue(3, speed=100.0) == dialogue(3)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.01, 5.0))
def test_slicing_the_waits_changes_no_sample(slice_s):
    assert dialogue(3, slice_s=slice_s) == dialogue(3)


def test_charge_is_exact_over_many_readings():
    bench = SimulatedBench(
        {},
        settings={"unit": "ideal", "errors": "none", "positive_terminal": "ce_re1"},
        build=SourceAndResistor,
    )
    desk = Desk(bench)
    desk.ready_to_read()
    desk.hold_current(1.25e-4)
    on_s, before_C = desk.clock.now(), bench.truth.charge_C
    total_A = count = 0
    for _ in range(500):
        total_A += desk.reading()[1]
        count += 1
    desk.tell("PC0")
    passed_C = bench.truth.charge_C - before_C
    assert passed_C == pytest.approx(1.25e-4 * (desk.clock.now() - on_s), rel=1e-9)
    assert total_A / count == pytest.approx(1.25e-4, rel=5e-6)
