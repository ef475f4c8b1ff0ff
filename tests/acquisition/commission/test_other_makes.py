"""Benches of other makes are commissioned on the same parts: what is found is true, and a run goes by it."""

from __future__ import annotations

from math import pi
from statistics import mean

import pytest

from solbench.acquisition.bench.bench import describe, open_bench
from solbench.acquisition.bench.bench_file import BenchFile, FoundRecord, InstrumentEntry
from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.bench.commissioning.standing import concludes, standing, steps_of
from solbench.acquisition.bench.models import CORRECTIONS
from solbench.acquisition.commission.itself import ByItself, part_description
from solbench.acquisition.commission.procedure import Plan, carry_out
from solbench.simulators.electronics.faults import Leads
from tests.acquisition.commission.specimens import simulated

LAGS_S = (18e-9, 22e-9, 25e-9, 31e-9, 44e-9, 0.0, 0.0, 0.0, 0.0, 0.0)
SHORTED = part_description("short bar")
OTHER_ORDER = (1.0, 10.0, 100.0, 10e3, 1e3, 1e5, 1e6, 1e7, 1e8, 1e9)


def bench_of(model: str, unit: str = "7", **simulation: object) -> BenchFile:
    terminal = {"positive_terminal": "we_re2"} if model == "ec301" else {}
    return BenchFile(
        name="b", kind="simulated", model=model, simulation={"unit": unit, **simulation}, **terminal
    )


def commissioned(file: BenchFile, only: str = "", leads: Leads | None = None):
    """Return the record, and what the unit is."""
    bench = open_bench(file, part_description("1 kohm"), lambda: None)
    try:
        if leads is not None:
            simulated(bench).faults.leads = leads
            simulated(bench).faults.leads_changed()
        plan = Plan("A. Tester", tuple(only), applies=steps_of(file)[0])
        record = carry_out(bench, ByItself(bench, lambda text: None), plan, lambda kept: None)
        return record, simulated(bench).truth.unit
    finally:
        bench.close()


def deviations(record, unit, ec301):
    """How far each value is off, in its standard uncertainties."""
    errors, leads, values = unit.errors, unit.settings.leads, record.values
    for index, one in values.ranges.items():
        i = (index - 1) % len(errors.resistor_error)
        yield f"zero {index}", one.zero_A, errors.ammeter_offset[i] * 10.0 ** (1 - index)
        if one.lag_s is None:
            continue
        pole_s = 0.5 / pi / ec301.resistor_pole_Hz[index - 1]
        lag_s = pole_s + ec301.lag_s[index - 1] + ec301.loop_error / (2.0 * pi * ec301.loops_Hz[0])
        gains = (1.0 + errors.i_out_gain_error[0]) / (1.0 + errors.v_out_gain_error[0])
        yield f"lag {index}", one.lag_s, lag_s
        yield f"ratio {index}", one.ratio, (1.0 + errors.resistor_error[i]) * gains
    yield "L", values.pair_leads.inductance_H, leads.inductance_H
    yield "C", values.pair_leads.capacitance_F, leads.capacitance_F
    yield "G", values.pair_leads.conductance_S, leads.leakage_S


@pytest.mark.long
@pytest.mark.parametrize("unit", ["typical", "7", "23", "40"])
def test_what_is_found_of_an_ec301_is_true_within_its_uncertainty_and_taken_off(unit):
    file = bench_of("ec301", unit, ec301={"lag_s": list(LAGS_S)})
    record, true = commissioned(file)
    assert {step: one.remark for step, one in record.steps.items() if one.outcome != "passed"} == {}
    off = {
        name: (one.value - truth) / one.stderr
        for name, one, truth in deviations(record, true, true.settings.ec301)
    }
    assert {name: size for name, size in off.items() if abs(size) > 3.0} == {}
    with_record = file.with_record(FoundRecord("r.json", record.text(), record))
    assert concludes(with_record, unit)
    settings = describe(with_record, {"1260": "4", "EC301": "23"}, unit).settings
    assert settings[CORRECTIONS]["ranges"][3]["lag_s"] == pytest.approx(31e-9, abs=2e-9)
    assert "1287" not in settings


@pytest.mark.parametrize(
    ("model", "applies", "direct", "spectra"),
    [
        ("solartron", "ABCDEFGHIJK", "ACDIJ", "EFGH"),
        ("ec301", "ABCDEFGHIJK", "ACDIJ", "EFGH"),
        ("keithley2400", "ACDI", "ACDI", ""),
        ("keithley2400_1260", "ACDIK", "ACDI", "K"),
    ],
)
@pytest.mark.parametrize("family", ["1260", "1255B"])
def test_each_make_has_the_steps_that_it_can_show(model, family, applies, direct, spectra):
    file = bench_of(model)
    if "1260" in file.known_model.fields:
        file = file.model_copy(update={"analyzer_1260": InstrumentEntry(settings={"family": family})})
    without = "K" if family == "1255B" else ""
    expected = [
        letters.replace(without, "") if without else letters for letters in (applies, direct, spectra)
    ]
    assert ["".join(steps) for steps in steps_of(file)] == expected


@pytest.mark.parametrize(("terminal", "unit"), [("we_re2", "7"), ("ce_re1", "23")])
def test_the_zeros_of_an_ec301_are_found_and_taken_off_every_reading(terminal, unit):
    file = bench_of("ec301", unit).model_copy(update={"positive_terminal": terminal})
    record, true = commissioned(file, "AB")
    assert record.steps["B"].outcome == "passed"
    assert record.values.ranges.keys() == set(range(1, 11))
    for index, one in record.values.ranges.items():
        zero_A = true.errors.ammeter_offset[(index - 1) % 8] * 10.0 ** (1 - index)
        assert one.zero_A.value == pytest.approx(zero_A, abs=4.0 * one.zero_A.stderr)
    read = parse_record(record.text(), "r.json")
    bench = open_bench(file.with_record(FoundRecord("r.json", record.text(), read)), SHORTED, lambda: None)
    try:
        dc = bench.equipment.dc
        dc.initialise()
        dc.prepare_current(1e-3)
        seen = [dc.measure() for _ in range(16)]
    finally:
        bench.close()
    assert abs(mean(one.voltage_V for one in seen)) < 5e-5
    assert abs(mean(one.current_A for one in seen)) < 2e-5 * dc.full_scale_A


def test_a_2400_beside_a_1260_is_commissioned_and_concludes():
    file = bench_of("keithley2400_1260")
    assert not concludes(file, "7")
    record, _ = commissioned(file)
    assert {step: one.outcome for step, one in record.steps.items()} == dict.fromkeys("ACDIK", "passed")
    with_record = file.with_record(FoundRecord("r.json", record.text(), record))
    assert concludes(with_record, "7")
    assert standing(with_record).lacks_direct == ()
    assert record.instruments.keys() == {"2400", "1260"}


@pytest.mark.parametrize(
    ("simulation", "leads", "step", "words"),
    [
        ({"ec301": {"resistors_ohm": OTHER_ORDER}}, None, "D", "range"),
        ({}, Leads(swapped_references=True), "C", "does not hold"),
        ({}, Leads(loose_counter=True), "C", "does not hold"),
    ],
)
def test_an_ec301_that_is_otherwise_fails_where_it_shows(simulation, leads, step, words):
    record, _ = commissioned(bench_of("ec301", "ideal", **simulation), "ACD", leads)
    assert record.steps[step].outcome == "failed"
    assert words in record.steps[step].remark
