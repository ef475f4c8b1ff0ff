"""A specimen is commissioned as a bench on metal is: what is found is true, and all ends are safe."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import pi

import pytest

from solbench.acquisition.bench.bench import open_bench
from solbench.acquisition.bench.bench_file import FoundRecord, parse_bench
from solbench.acquisition.bench.commissioning.record import STEPS, Measured, Step, parse_record
from solbench.acquisition.bench.commissioning.standing import concludes
from solbench.acquisition.bench.served_cell import mounted_in_served, require_cell
from solbench.acquisition.commission.itself import ByItself, part_description
from solbench.acquisition.commission.parts import PARTS
from solbench.acquisition.commission.procedure import (
    NEEDS,
    Plan,
    carry_out,
    commissioned_of,
    identities_of,
    opened,
    require_same,
)
from solbench.acquisition.control.run_control import RunControl
from solbench.cli.commands.simulate import bench_text
from solbench.drivers.clock import Interrupted
from solbench.protocols import load_cell
from solbench.protocols.errors import BadInput
from solbench.simulators.cell.dummy import PARTS as SIMULATED_PARTS
from solbench.simulators.electronics.faults import Leads
from solbench.simulators.server.server import BenchServer, served_bench
from tests.acquisition.commission.specimens import Done, bench_file, commission, simulated, specimen
from tests.acquisition.runs import quiet_bench
from tests.tiers import few

RESISTORS_OHM = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)


@cache
def done() -> Done:
    return commission(7)


def deviations(found: Done) -> Iterator[tuple[str, float]]:
    """How far each value is off, in its standard uncertainties."""
    unit, values = found.truth, found.record.values
    errors, interface, analyzer = unit.errors, unit.settings.interface, unit.settings.analyzer

    def off(name: str, measured: Measured | None, true: float) -> tuple[str, float]:
        assert measured is not None
        assert measured.stderr > 0.0, name
        return name, (measured.value - true) / measured.stderr

    yield off("bytes 1260", values.byte_rate_per_s["1260"], analyzer.output_bytes_per_s)
    yield off("bytes 1287", values.byte_rate_per_s["1287"], interface.output_bytes_per_s)
    yield off("overhead", values.overhead_s, analyzer.overhead_s)
    assert values.conversion_s is not None
    for measured, true in zip(values.conversion_s, interface.conversion_s, strict=True):
        yield off("conversion", measured, true)
    yield off("zero", values.zero_V, errors.voltmeter_offset_V + errors.voltmeter_zero_V[2])
    for index, one in values.ranges.items():
        i = index - 1
        yield off("zero of current", one.zero_A, errors.ammeter_offset[i] * 0.2 / RESISTORS_OHM[i])
        if one.lag_s is not None:
            gains = (1.0 + errors.i_out_gain_error[0]) / (1.0 + errors.v_out_gain_error[0])
            yield off("ratio", one.ratio, (1.0 + errors.resistor_error[i]) * gains)
            pole_s = 0.5 / pi / interface.resistor_pole_Hz[i]
            # the loop leads a little: as much as a lag of the current
            lag_s = pole_s + interface.lag_s[i] + interface.loop_error / (2.0 * pi * 3e6)
            yield off(f"lag {index}", one.lag_s, lag_s)
            poles_s = pole_s + (interface.lag_s[i] if interface.lag_shape == "pole" else 0.0)
            yield off(f"share {index}", one.pole_share, poles_s / (pole_s + interface.lag_s[i]))
    gains = values.gains
    yield off("POL x 0.01", gains.pol_hundredth, 1.0 + errors.pol_gain_error[1])
    for name, gain, error in (
        ("V x 10", gains.voltage_ten, errors.v_out_gain_error),
        ("I x 10", gains.current_ten, errors.i_out_gain_error),
    ):
        yield off(name, gain, (1.0 + error[1]) / (1.0 + error[0]))
    leads, found_leads = unit.settings.leads, values.pair_leads
    yield off("L", found_leads.inductance_H, leads.inductance_H)
    yield off("C", found_leads.capacitance_F, leads.capacitance_F)
    yield off("G", found_leads.conductance_S, leads.leakage_S)


def test_all_that_was_found_is_true_within_its_uncertainty():
    found = done()
    assert {step: one.remark for step, one in found.record.steps.items() if one.outcome != "passed"} == {}
    off = dict(deviations(found))
    assert {name: size for name, size in off.items() if abs(size) > 3.0} == {}
    assert sum(abs(size) > 1.96 for size in off.values()) <= 0.1 * len(off)
    values = found.record.values
    interface = found.truth.settings.interface
    assert values.output_polarity == interface.v_out_polarity * interface.i_out_polarity == -1
    assert (values.potential_sign, values.positive_terminal) == (1, "we_re2")
    assert values.status_bits == {"1260": 16, "1287": 128}
    assert values.cut_out is not None
    assert not found.is_on


def test_spectra_count_up_to_a_megahertz_on_the_ranges_that_cells_need():
    ranges = done().record.values.ranges
    assert all((ranges[index].highest_Hz or 0.0) == pytest.approx(1e6) for index in (2, 3, 4, 5))
    assert 1e3 < (ranges[8].highest_Hz or 0.0) < 1e5
    lag = ranges[5].lag_s
    assert lag is not None
    assert lag.stderr < 0.01 * lag.value


def test_the_record_is_read_as_it_was_written_and_permits_conclusions():
    record = done().record
    assert parse_record(record.text(), "r.json") == record
    bench = bench_file(7).with_record(FoundRecord("r.json", record.text(), record))
    assert concludes(bench, "7")
    assert record.unit == "7"
    assert record.by == "A. Tester"


def test_the_record_is_kept_after_each_step():
    kept = done().kept
    assert [len(one.steps) for one in kept[: len(STEPS)]] == list(range(1, len(STEPS) + 1))
    assert kept[-1] == done().record


def test_a_cell_behind_the_record_comes_out_right():
    record = done().record
    bench = bench_file(7).with_record(FoundRecord("r.json", record.text(), record))
    opened_bench = open_bench(bench, part_description("10 kohm"), lambda: None)
    pair = opened_bench.equipment.impedance
    assert pair is not None
    pair.initialise()
    pair.prepare_impedance(0.01, 0.0, 5)
    pair.on()
    pair.apply_ac()
    part = simulated(opened_bench).cell
    for frequency_Hz in (1e6, 1e5, 1e3):
        point = pair.measure_impedance(frequency_Hz, 1.0)
        true_ohm = part.impedance(frequency_Hz)
        off_ohm = abs(point.impedance_ohm - true_ohm)
        assert off_ohm < 3.0 * point.correction_stderr_ohm + 1e-3 * abs(true_ohm)
        assert point.raw_ohm is not None
        if frequency_Hz == 1e6:
            assert abs(point.raw_ohm - true_ohm) > 0.5 * abs(true_ohm), "leads and lag take much of it"
    pair.make_safe()
    opened_bench.close()


WRONG: dict[str, tuple[Step, dict[str, object]]] = {
    "ranges the other way round": ("D", {"interface": {"resistors_ohm": RESISTORS_OHM[::-1]}}),
    "ranges 3 and 4 swapped": (
        "D",
        {"interface": {"resistors_ohm": (0.1, 1.0, 100.0, 10.0, 1e3, 1e4, 1e5, 1e6)}},
    ),
    "ranges 7 and 8 swapped": (
        "D",
        {"interface": {"resistors_ohm": (0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e6, 1e5)}},
    ),
    "V OUT x 10 is off": ("E", {"calibration": {"v_out_gain_error": (0.0, 0.04)}}),
    "I OUT is off": ("E", {"calibration": {"i_out_gain_error": (0.03, 0.03)}}),
    "POL x 0.01 is x 1": ("E", {"calibration": {"pol_gain_error": (0.0, 99.0)}}),
    "the ammeter is off": ("D", {"calibration": {"ammeter_gain": (0.0, 0.0, 0.0, 0.03, 0.0, 0.0, 0.0, 0.0)}}),
    "the positive terminal is the other": ("J", {"positive_terminal": "ce_re1"}),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_fails_its_step_and_what_rests_on_it_is_left_out(what):
    step, simulation = WRONG[what]
    found = commission(3, only=("A", "C", "D", "E", "J"), **simulation)
    assert found.outcome(step) == "failed"
    assert found.remark(step)
    assert all(found.outcome(later) == "left_out" for later in ("E", "J") if step in NEEDS[later])
    assert not found.is_on


@pytest.mark.parametrize(
    ("simulation", "polarity", "sign"),
    [
        ({"interface": {"v_out_polarity": -1.0}}, -1, 1),
        ({"interface": {"i_out_polarity": -1.0}}, -1, 1),
        ({"dre_sign": -1.0}, -1, -1),
        ({"dre_sign": -1.0, "interface": {"v_out_polarity": -1.0}}, 1, -1),
    ],
)
def test_turned_signs_are_found_and_taken_into_account(simulation, polarity, sign):
    found = commission(3, only=("A", "C", "D", "E", "J"), **simulation)
    assert {one.outcome for one in found.record.steps.values()} == {"passed"}
    values = found.record.values
    assert (values.output_polarity, values.potential_sign) == (polarity, sign)
    assert values.positive_terminal == "we_re2"


def test_a_record_is_gone_on_with_and_a_part_that_is_missing_leaves_its_step_out():
    first = commission(3, only=("A", "B", "C", "D"), missing=("short bar", "1 Mohm"))
    assert (first.outcome("A"), first.outcome("B"), first.outcome("D")) == ("passed", "left_out", "passed")
    assert "1 Mohm was not at hand" in first.remark("D")
    then = commission(3, before=first.record, left_out=("F", "I"))
    assert then.record.steps["A"] == first.record.steps["A"]
    assert then.record.made == first.record.steps["A"].at
    expected = dict.fromkeys(STEPS, "passed") | dict.fromkeys("FGHI", "left_out")
    assert {step: then.outcome(step) for step in STEPS} == expected
    assert "lag" in then.remark("G")


@pytest.mark.parametrize(
    ("step", "asked", "mounted", "said"),
    [
        ("D", "1 Mohm", "dry cell", "that is a cell"),
        ("D", "100 ohm", "1 kohm", "range 3"),
        ("D", "1 Mohm", "open", "range 8"),
        ("C", "dry cell and 10 kohm", "10 kohm", "the dry cell is not seen"),
        ("C", "dry cell and 10 kohm", "dry cell and 100 ohm", "does not hold"),
        ("E", "1 kohm", "10 kohm", "1 kohm"),
        ("F", "100 ohm", "1 kohm", "for 100 ohm"),
        ("F", "10 kohm", "100 kohm", "for 10 kohm"),
        ("G", "short bar", "10 ohm", "short bar"),
        ("G", "open", "1 Mohm", "open leads"),
        ("H", "R-(R||C)", "1 kohm", "R-(R||C)"),
        ("I", "100 ohm", "10 kohm", "another part"),
        ("J", "dry cell and 100 ohm", "dry cell and 10 kohm", "falls by"),
        ("K", "short bar", "1 kohm", "do not meet"),
        ("K", "100 ohm", "dry cell", "that is a cell"),
    ],
)
def test_another_part_than_the_one_asked_for_fails_the_step_and_nothing_of_it_is_used(
    step, asked, mounted, said
):
    before = done().record
    found = commission(7, only=(step,), before=before, exchanged={asked: mounted})
    assert found.outcome(step) == "failed"
    assert said in found.remark(step)
    assert found.record.values == before.values
    # a cell is discharged by the 1260's generator as soon as it is clamped: nothing could keep it from that
    assert not found.is_on or (step, mounted) == ("K", "dry cell")


OFF = {
    "RE1": (Leads(loose_reference=True), "BCDEFGHIJK"),
    "CE": (Leads(loose_counter=True), "CDEFGHIJK"),
    "RE1 and RE2 exchanged": (Leads(swapped_references=True), "CDEFGHIJK"),
    "the generator": (Leads(loose_generator=True), "EFGHK"),
    "V1": (Leads(loose_inputs=frozenset({1})), "EFGHK"),
    "V2": (Leads(loose_inputs=frozenset({2})), "EFGH"),
}


@few("lead", OFF, (0, 3))
def test_a_lead_that_is_off_fails_the_steps_that_need_it_and_leaves_nothing_on(lead):
    leads, fails = OFF[lead]
    outcomes = {}
    for step in STEPS:
        found = commission(7, only=(step,), before=done().record, leads=leads)
        outcomes[step] = found.outcome(step)
        assert not found.is_on, step
        assert outcomes[step] == "passed" or found.record.values == done().record.values
    assert {step for step, outcome in outcomes.items() if outcome == "failed"} == set(fails)


def test_another_instrument_is_not_gone_on_with():
    before = commission(3, only=("A",)).record
    with pytest.raises(BadInput, match="another 1287"):
        commission(3, before=before, interface={"version": "12870002"})


def test_other_cables_or_another_specimen_are_not_gone_on_with():
    record = done().record.model_copy(update={"cables": "set 1", "adapter": "USB PX1"})
    with specimen(7) as bench:
        pair = commissioned_of(bench)
        require_same(
            record, bench, identities_of(pair)
        )  # a bench file that does not say which is no contradiction
        other = replace(bench, file=bench.file.model_copy(update={"cables": "set 2"}))
        with pytest.raises(BadInput, match="other cables: then 'set 1', now 'set 2'"):
            require_same(record, other, identities_of(pair))
        with pytest.raises(BadInput, match="another unit"):
            require_same(record.model_copy(update={"unit": "8"}), bench, identities_of(pair))


def test_with_what_the_other_steps_were_carried_out_stays_known():
    before = done().record.model_copy(update={"cables": "set 1", "adapter": "USB PX1"})
    found = commission(7, only=("B",), before=before)
    assert (found.record.cables, found.record.adapter) == ("set 1", "USB PX1")


def test_without_a_dry_cell_the_zeros_count_all_the_same():
    found = commission(7, only=("A", "B"), missing=("dry cell",))
    assert (found.outcome("B"), "compared with nothing" in found.remark("B")) == ("passed", True)
    assert found.record.values.zero_V == done().record.values.zero_V


@pytest.mark.long
def test_the_lag_measured_again_leaves_what_shorted_and_open_leads_showed():
    before = done().record
    leads = commission(7, only=("F",), before=before, seed=1).record.values.pair_leads
    assert leads.inductance_H != before.values.pair_leads.inductance_H
    assert leads.conductance_S == before.values.pair_leads.conductance_S
    assert leads.resistance_ohm == before.values.pair_leads.resistance_ohm


@pytest.mark.parametrize("step", [step for step in STEPS if step not in ("A", "B", "I")])
def test_a_stop_while_a_part_is_driven_leaves_it_off(step, tmp_path):
    run_control = RunControl()
    before = done().record
    looked = 0
    with (  # noqa: PT012 - it is raised within, and made safe on the way out
        pytest.raises(Interrupted),
        opened(bench_file(7), run_control, tmp_path / "r.json") as bench,
    ):
        truth = simulated(bench).truth

        def look() -> None:
            nonlocal looked
            if truth.ac_amplitude_V if step == "K" else truth.polarized:
                looked += 1
                if looked == 3:
                    run_control.request("by hand")

        run_control.on_poll(look)
        plan = Plan("A. Tester", (step,), (), before)
        carry_out(bench, ByItself(bench, lambda text: None), plan, lambda record: None)
    assert looked >= 3
    assert not truth.polarized or step == "K"  # which is always connected to the generator, at zero
    assert truth.ac_amplitude_V == 0.0


def test_every_part_can_be_mounted_on_the_simulated_bench():
    assert set(PARTS) <= set(SIMULATED_PARTS)


@pytest.mark.long
def test_a_served_bench_has_its_cell_again_afterwards(tmp_path, monkeypatch):
    monkeypatch.setenv("SOLBENCH_LOCKS", str(tmp_path / "locks"))
    mounted = load_cell("nps").build("half").simulated_cell()
    with BenchServer(served_bench(mounted, speed=60.0), cell_name="nps, build half") as server:
        text = bench_text(quiet_bench(), server.adapter, server.control, server.addresses)
        with opened(parse_bench(text, "served.yaml"), RunControl(), tmp_path / "r.json"):
            assert mounted_in_served(server.control)[1] == "1 kohm"
        require_cell(server.control, mounted)
        assert mounted_in_served(server.control)[1] == "nps, build half"
