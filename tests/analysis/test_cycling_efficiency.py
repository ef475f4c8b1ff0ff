"""Coulombic efficiency, retention and what is lost: the stated uncertainty against errors that are drawn."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.record.events import ZeroRead
from solbench.acquisition.record.reader import open_run
from solbench.analysis.cycling import (
    BEND,
    Charge,
    coulombic_efficiency,
    irreversible_charge,
    joined,
    retention,
)
from solbench.analysis.report import cycles
from solbench.analysis.report.cycles import _rest_of_zero, charges_of, cycles_of, direction
from solbench.fitting.dc_polarization import Leakage
from tests.acquisition.runs import closely_watched, request, run_it, seen_run
from tests.analysis.report_runs import erring_bench
from tests.conformance.benches import simulated_file
from tests.tiers import few

OLD = Path(__file__).parents[1] / "fixtures" / "runs_0_1" / "short.h5"
CURRENT_A = 126e-6
BACK_AND_FORTH = """
name: back and forth
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 1 s}
steps:
  - {name: zero, kind: rest, time: 2 min}
  - {name: sodiation, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 0.02 mAh/cm2}}
  - {name: desodiation, kind: constant_current, current: 0.16 mA/cm2, until: {voltage: 1.5 V}}
"""
SEVERAL_STEPS = """
name: several steps each way
build: full
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - {name: fast, kind: constant_current, current: 0.3 mA/cm2, until: {time: 5 min}}
  - {name: look, kind: impedance, from: 100 kHz, to: 1 kHz, points_per_decade: 1, amplitude: 10 mV, integration: 0.1 s}
  - {name: slow, kind: constant_current, current: 0.1 mA/cm2, until: {time: 3 min}}
  - {name: pulse, kind: constant_current, current: -0.1 mA/cm2, until: {time: 2 s}}
  - {name: charged, kind: constant_voltage, voltage: 2.6 V, current_limit: 0.3 mA/cm2, until: {time: 5 min}}
  - {name: wait, kind: rest, time: 30 s}
  - {name: discharge, kind: constant_current, current: -0.3 mA/cm2, until: {voltage: 1.9 V}}
  - {name: discharged, kind: constant_voltage, voltage: 1.9 V, current_limit: 0.3 mA/cm2, until: {time: 5 min}}
"""
NESTED = """
name: nested loops
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
record: {every: 10 s}
steps:
  - name: twice
    kind: loop
    count: 2
    steps:
      - name: down
        kind: loop
        count: 3
        steps:
          - {name: titrate, kind: constant_current, current: -0.2 mA/cm2, until: {time: 1 min}}
          - {name: relax, kind: rest, time: 20 s}
      - {name: up, kind: constant_current, current: 0.1 mA/cm2, until: {capacity: 0.003 mAh/cm2}}
      - {name: further, kind: constant_current, current: 0.3 mA/cm2, until: {voltage: 1.5 V}}
"""


def drawn_ratios(first_C, second_C, gain, zero_A, sample_s, one_range, edges=(2, 2), n=40_000):
    """Efficiencies as an instrument would find them that errs at random in gain, zero and edges."""
    random = np.random.default_rng(3)
    gains = random.standard_normal((2, n)) * gain
    zeros = random.standard_normal((2, n)) * zero_A
    if one_range:
        gains[1], zeros[1] = gains[0], zeros[0]
    found = []
    for k, charge in enumerate((first_C, second_C)):
        seconds = abs(charge) / CURRENT_A
        late = sum(random.uniform(-1, 1, n) * sample_s for _ in range(edges[k]))
        found.append(charge * (1 + gains[k]) + zeros[k] * seconds + CURRENT_A * late)
    return np.abs(found[1] / found[0]), np.abs(found[0]) - np.abs(found[1])


@pytest.mark.parametrize("one_range", [True, False])
@pytest.mark.parametrize(
    ("gain", "zero_A", "sample_s", "edges"),
    [(0.002, 0, 0, 2), (0, 2e-7, 0, 2), (0, 0, 30.0, 2), (0, 0, 30.0, 10), (0.002, 2e-7, 30.0, 2)],
)
def test_the_uncertainty_is_the_scatter_of_an_erring_instrument(one_range, gain, zero_A, sample_s, edges):
    first_C, second_C = -3.957, 3.244
    ranges = (5, 5) if one_range else (5, 6)
    first = Charge(first_C, -CURRENT_A, sample_s, zero_A, ranges[0], edges)
    second = Charge(second_C, CURRENT_A, sample_s, zero_A, ranges[1])
    ratios, lost = drawn_ratios(first_C, second_C, gain, zero_A, sample_s, one_range, (edges, 2))
    found = coulombic_efficiency(first, second, gain_relative=gain)
    assert found.value == pytest.approx(0.8198, abs=1e-4)
    assert found.stderr == pytest.approx(np.std(ratios), rel=0.03, abs=1e-9)
    assert irreversible_charge(first, second, gain).stderr == pytest.approx(np.std(lost), rel=0.03, abs=1e-9)


def test_an_error_of_the_zero_counts_twice_and_that_of_the_gain_not_at_all():
    first, second = Charge(-4.0, -1e-4, 0.0, 1e-7, 5), Charge(4.0, 1e-4, 0.0, 1e-7, 5)
    found = coulombic_efficiency(first, second)
    assert found.zero == pytest.approx(2e-3)  # twice a thousandth of the current
    assert found.gain == 0.0


def test_two_currents_on_one_range_differ_by_its_bend():
    """A meter is off by `bend` of the range half-way, by nothing at zero and full scale, with the current's sign."""
    full_A, currents_A = 2e-4, (-1.6e-4, 0.4e-4)
    charges_C = np.array([-4.0, 3.0])
    off = (
        np.random.default_rng(1).normal(0.0, BEND, 20_000)[:, None]
        * 4.0
        * (1.0 - np.abs(currents_A) / np.float64(full_A))
    )
    first, second = (
        Charge(charge_C, current_A, 0.0, 0.0, 5, full_scale_A=full_A)
        for charge_C, current_A in zip(charges_C, currents_A, strict=True)
    )
    seen_C = np.abs(charges_C * (1.0 + off))
    assert coulombic_efficiency(first, second).stderr == pytest.approx(
        np.std(seen_C[:, 1] / seen_C[:, 0]), rel=0.03
    )
    assert coulombic_efficiency(first, second).bend > 0.0
    assert second.stderr_C(0.0) == pytest.approx(np.std(seen_C[:, 1]), rel=0.03)
    same = replace(second, current_A=-first.current_A)
    assert coulombic_efficiency(first, same).bend == 0.0  # it strays alike both ways


def test_a_zero_that_drifts_between_its_readings_is_known_the_less():
    read = [ZeroRead(range=5, mean_A=mean_A, stderr_A=1e-10, readings=10) for mean_A in (1e-8, 3e-8, 2e-8)]
    assert _rest_of_zero(read) == pytest.approx(1e-8, rel=0.1)
    steady = [replace(one, mean_A=2e-8) for one in read]
    assert _rest_of_zero(steady) == pytest.approx(1e-10 / 3**0.5)


def test_an_unknown_range_does_not_cancel_anything():
    charge = Charge(-4.0, -1e-4, 0.0), Charge(4.0, 1e-4, 0.0)
    assert coulombic_efficiency(*charge, gain_relative=0.001).gain == pytest.approx(0.001 * math.sqrt(2))


def test_retention_compares_with_the_reference_and_knows_it_exactly():
    found = retention([Charge(-q, -1e-4, 1.0, 1e-8, 5) for q in (2.0, 1.8, 0.9)], reference=1)
    assert [r.value for r in found] == [pytest.approx(2.0 / 1.8), 1.0, pytest.approx(0.5)]
    assert found[1].stderr == 0.0
    # One direction on one range: gain and zero cancel, the edges of both stay.
    edge_C = 1e-4 * 1.0 * math.sqrt(2 / 3)
    assert found[2].stderr == pytest.approx(math.hypot(edge_C, 0.5 * edge_C) / 1.8)


def test_nothing_to_compare_with_is_an_error():
    with pytest.raises(ValueError, match="charge that went in"):
        coulombic_efficiency(Charge(0.0, -1e-4), Charge(1.0, 1e-4))
    with pytest.raises(ValueError, match="gave no charge"):
        retention([Charge(0.0, 1e-4), Charge(1.0, 1e-4)])
    with pytest.raises(ValueError, match="other than zero"):
        Charge(1.0, 0.0)
    assert retention([]) == []


def test_words_for_directions():
    assert [direction("half", i) for i in (-1.0, 1.0)] == ["sodiation", "desodiation"]
    assert [direction("full", i) for i in (-1.0, 1.0)] == ["discharge", "charge"]


@few("seeds", [range(3), range(3, 9)], 1)
def test_the_truth_lies_in_the_interval_on_benches_that_err(tmp_path, seeds):
    off = []
    for seed in seeds:
        seen = seen_run(request(tmp_path / f"{seed}.h5", BACK_AND_FORTH, bench=erring_bench(), seed=seed))
        [cycle] = cycles_of(open_run(seen.result.run))
        assert cycle.efficiency.words == "desodiation over sodiation"
        assert cycle.first_charge.range_index == cycle.second_charge.range_index == 5
        truth = seen.truth.charged_C / seen.truth.discharged_C
        off.append((cycle.efficiency.value - truth) / cycle.efficiency.stderr)
    assert max(np.abs(off)) < 3.0


def test_an_efficiency_counts_all_that_flowed_each_way(tmp_path):
    seen = seen_run(request(tmp_path / "a.h5", SEVERAL_STEPS, bench=closely_watched()))
    run = open_run(seen.result.run)
    [cycle] = cycles_of(run)
    true_in_C, true_out_C = seen.bench.truth.cell.charged_C, seen.bench.truth.cell.discharged_C
    assert [step.name for step in cycle.first.held] == ["fast", "slow", "pulse", "charged"]
    assert run.steps[4].charge_C > 0.2 * true_in_C  # what a constant current alone would leave out
    assert cycle.first.charge_C == pytest.approx(true_in_C, rel=1e-3)
    assert cycle.second.charge_C == pytest.approx(-true_out_C, rel=1e-3)
    assert abs(cycle.efficiency.value - true_out_C / true_in_C) < cycle.efficiency.stderr < 0.01


def test_cycles_are_found_in_loops_within_loops(tmp_path):
    seen = seen_run(request(tmp_path / "a.h5", NESTED))
    first, second = cycles_of(open_run(seen.result.run))
    assert [len(half.held) for half in (first.first, first.second, second.first, second.second)] == [
        3,
        2,
        3,
        2,
    ]
    cell = seen.bench.truth.cell
    assert first.first.charge_C + second.first.charge_C == pytest.approx(-cell.discharged_C, rel=1e-3)
    assert first.second.charge_C + second.second.charge_C == pytest.approx(cell.charged_C, rel=1e-3)
    assert first.efficiency.words == "desodiation over sodiation"


def test_what_was_skipped_before_anything_flowed_is_a_half_without_charge(tmp_path):
    steps = [
        f"  - {{name: {name}, kind: constant_current, current: 0.1 mA/cm2, until: {{time: 5 s}}}}\n"
        for name in "bc"
    ]
    run_control = RunControl()

    def skip(event):
        if event.kind == "segment" and event.body.step.name in "bc":
            assert run_control.ask(Verb.SKIP, "a test").accepted

    protocol = BACK_AND_FORTH.partition("  - {name: desodiation")[0] + "".join(steps)
    seen = seen_run(request(tmp_path / "a.h5", protocol), skip, run_control=run_control)
    [cycle] = cycles_of(open_run(seen.result.run))
    assert [step.charge_C for step in cycle.second.steps if step.holds] == [0.0, 0.0]
    assert (cycle.second_charge.charge_C, cycle.efficiency) == (0.0, None)
    assert cycle.second_charge.current_A == pytest.approx(0.1e-3 * 0.785)
    assert joined([Charge(0.0, -1e-4, edges=2), Charge(0.0, -2e-4, edges=4)]).edges == 6


def test_what_may_leak_past_the_cell_is_not_certain_about_a_charge(monkeypatch):
    run = open_run(OLD)
    least = {index: charge.zero_stderr_A for index, charge in charges_of(run).items()}
    assert min(least.values()) >= 2.5 * 1e-10  # 0.1 nS at the largest voltage of its window
    monkeypatch.setattr(cycles, "leakage_of", lambda _: Leakage(4e-9, 3e-9))
    for index, charge in charges_of(run).items():
        more_A = (charge.zero_stderr_A**2 - least[index] ** 2) ** 0.5
        assert more_A == pytest.approx(2.5 * (7e-9**2 - 1e-10**2) ** 0.5, rel=1e-6)


@pytest.mark.parametrize(
    ("model", "full_scale_A"), [("ec301", 1e-3), ("keithley2400", 1e-3), ("solartron", 200e-6)]
)
def test_the_full_scale_of_a_current_range_is_that_of_the_make(tmp_path, model, full_scale_A):
    """0.16 mA/cm2 is 126 uA; a 1287 has ranges of 2, the others of 1 in each decade."""
    short = BACK_AND_FORTH.replace("capacity: 0.02 mAh/cm2", "time: 20 s").replace(
        "voltage: 1.5 V", "time: 10 s"
    )
    run_it(
        request(
            tmp_path / "a.h5",
            short,
            bench=simulated_file(model, None if model == "keithley2400" else "we_re2"),
        ),
        lambda event: None,
    )
    charges = charges_of(open_run(tmp_path / "a.h5"))
    assert [charge.full_scale_A for charge in charges.values()] == pytest.approx([full_scale_A] * 2)
