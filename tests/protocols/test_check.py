import random
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from solbench.protocols import (
    BadInput,
    check,
    dc_polarization,
    half_cell,
    load_cell,
    load_protocol,
    parse_protocol,
    raise_errors,
    shipped_cells,
    shipped_protocols,
    with_settings,
)
from solbench.protocols.cells import CellRecord, dump_cell, parse_cell
from solbench.protocols.kinds import STEP_KINDS, StepBase, kind_of
from solbench.protocols.kinds.record import AnyStepKind, no_findings
from solbench.protocols.kinds.registry import new_step
from solbench.protocols.model import refusals
from solbench.protocols.protocol import Protocol, from_data, to_data
from tests.protocols import strategies

NPS = load_cell("nps")


def found(protocol: Protocol, record: CellRecord = NPS) -> list[tuple[str, str]]:
    return [(finding.grade, finding.field) for finding in check(protocol, record)]


def changed(*changes: str) -> Protocol:
    return with_settings(half_cell(), changes)


@pytest.mark.parametrize("cell", ["nyzc", "nps", "nbh"])
def test_the_shipped_protocols_have_no_findings(cell: str) -> None:
    record = load_cell(cell)
    protocols = [load_protocol(name) for name in shipped_protocols()]
    for protocol in protocols:
        assert protocol.build not in record.builds or check(protocol, record) == []
    assert all(any(p.build in load_cell(one).builds for one in shipped_cells()) for p in protocols)


SODIATION = "steps.sodiation"
DESODIATION = "steps.desodiation"


@pytest.mark.parametrize(
    ("change", "grade", "field"),
    [
        (f"{SODIATION}.current=-0.16 A/cm2", "error", f"{SODIATION}.current"),
        (f"{SODIATION}.current=-3 A", "error", f"{SODIATION}.current"),
        (f"{SODIATION}.current=-20C", "error", f"{SODIATION}.current"),
        (f"{SODIATION}.spectrum.from=2 MHz", "error", f"{SODIATION}.spectrum.from"),
        (f"{SODIATION}.spectrum.from=40 MHz", "error", f"{SODIATION}.spectrum.from"),
        (f"{SODIATION}.spectrum.to=1 uHz", "error", f"{SODIATION}.spectrum.to"),
        (f"{SODIATION}.spectrum.instruments=1260", "error", f"{SODIATION}.spectrum.instruments"),
        (f"{SODIATION}.spectrum.amplitude=30 V", "error", f"{SODIATION}.spectrum.amplitude"),
        (f"{SODIATION}.spectrum.amplitude=50 mV", "warning", f"{SODIATION}.spectrum.amplitude"),
        (f"{SODIATION}.until.capacity=95 mAh/cm2", "error", f"{SODIATION}.until.capacity"),
        (f"{SODIATION}.until.capacity=104 %", "warning", f"{SODIATION}.until.capacity"),
        (f"{SODIATION}.until.capacity=106 %", "error", f"{SODIATION}.until.capacity"),
        (f"{SODIATION}.current=-1.6 mA/cm2", "warning", f"{SODIATION}.current"),
        (f"{DESODIATION}.current=C/1", "warning", f"{DESODIATION}.current"),
        (f"{DESODIATION}.until.voltage=2.3 V", "warning", f"{DESODIATION}.until.voltage"),
        (f"{SODIATION}.spectrum.amplitude=0.3 mV", "warning", f"{SODIATION}.spectrum.amplitude"),
        (f"{SODIATION}.spectrum.linearity=1 mV", "warning", f"{SODIATION}.spectrum.linearity"),
        (f"{SODIATION}.spectrum.points_per_decade=2", "warning", f"{SODIATION}.spectrum.points_per_decade"),
        (f"{SODIATION}.spectrum.to=200 kHz", "warning", f"{SODIATION}.spectrum.points_per_decade"),
        (f"{SODIATION}.cut_short.voltage=-5.5 V", "error", f"{SODIATION}.cut_short.voltage"),
        (f"{SODIATION}.until.voltage=-4.8 V", "error", f"{SODIATION}.until.voltage"),
        (f"{SODIATION}.cut_short.time=2 h", "error", f"{SODIATION}.until.capacity"),
        (f"{SODIATION}.cut_short.capacity=90 %", "error", f"{SODIATION}.until.capacity"),
        (f"{SODIATION}.current=0.16 mA/cm2", "error", f"{SODIATION}.cut_short.voltage"),
        (f"{DESODIATION}.current=-0.16 mA/cm2", "error", f"{DESODIATION}.until.voltage"),
        (f"{DESODIATION}.until.voltage=2.6 V", "error", f"{DESODIATION}.until.voltage"),
        (f"{DESODIATION}.until.voltage=2000 V", "error", f"{DESODIATION}.until.voltage"),
        (f"{SODIATION}.until.voltage=-1 V", "warning", f"{SODIATION}.spectra_at"),
        (f"{SODIATION}.until.time=8 h", "error", f"{SODIATION}.spectra_at"),
        (f"{SODIATION}.spectrum.linearity=0.2 V", "error", f"{SODIATION}.spectrum.linearity"),
        ("temperature=25 K", "error", "conditions.temperature"),
        ("pressure=75 GPa", "error", "conditions.stack_pressure"),
        ("safety.voltage_max=3 V", "warning", "safety.voltage_max"),
        ("safety.current_max=1 A", "warning", "safety.current_max"),
        ("safety.current_max=1 uA", "error", f"{SODIATION}.current"),
        ("build=halff", "error", "build"),
    ],
)
def test_one_slip_is_found_where_it_was_written(change: str, grade: str, field: str) -> None:
    assert (grade, field) in found(changed(change))
    assert grade == "error" or all(other == "warning" for other, _ in found(changed(change)))


@pytest.mark.parametrize(
    "change",
    [
        f"{SODIATION}.current=-0.8C",
        f"{SODIATION}.current=-1 mA/cm2",
        f"{SODIATION}.spectrum.to=10 mHz",
        f"{SODIATION}.cut_short.time=12 h",
        "temperature=60 degC",
        "pressure=5 bar",
    ],
)
def test_unusual_but_possible_values_pass(change: str) -> None:
    assert found(changed(change)) == []


def test_safety_limits_the_wrong_way_round_are_found() -> None:
    changes = ("safety.voltage_min=2 V", "safety.voltage_max=1 V")
    assert ("error", "safety") in found(changed(*changes))


def test_aliases_that_lead_nowhere_or_hide_a_field_are_found() -> None:
    data = {
        **to_data(half_cell()),
        "aliases": {"x": "steps.sodiaton.current", "build": "steps.sodiation.current"},
    }
    assert found(from_data(data, "mine")) == [("error", "aliases.x"), ("error", "aliases.build")]


def test_a_live_cell_is_not_shorted_by_a_baseline() -> None:
    findings = check(dc_polarization(), NPS, build="half")
    assert findings[0].field == "steps.polarization"
    assert "would short the live cell 'half'" in findings[0].message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("voltage=50 V", "steps.polarization.voltage"),
        ("steps.polarization.at_most=5 min", "steps.polarization.steady_over"),
    ],
)
def test_slips_in_a_polarization_are_found(change: str, field: str) -> None:
    assert found(with_settings(dc_polarization(), [change])) == [("error", field)]


def test_the_1260_alone_may_measure_a_pellet_above_1_MHz() -> None:
    spectrum = {
        "from": "10 MHz",
        "to": "1 Hz",
        "points_per_decade": 10,
        "amplitude": "30 mV",
        "integration": "1 s",
        "instruments": "1260",
    }
    data = to_data(dc_polarization())
    step = {"name": "z", "kind": "impedance", **spectrum}
    protocol = from_data({**data, "build": "pellet", "aliases": {}, "steps": [step]}, "mine")
    assert found(protocol) == []
    assert found(with_settings(protocol, ["steps.z.instruments=pair"])) == [("error", "steps.z.from")]
    assert found(with_settings(protocol, ["build=half"])) == [("error", "steps.z.instruments")]


def test_steps_in_loops_are_checked_and_named() -> None:
    steps = to_data(half_cell())["steps"]
    steps[0]["current"] = "-0.16 A/cm2"
    loop = {"name": "cycling", "kind": "loop", "count": 1000, "steps": steps}
    protocol = from_data({**to_data(half_cell()), "aliases": {}, "steps": [loop]}, "mine")
    assert found(protocol) == [("error", "steps.cycling.steps.sodiation.current")]


def test_a_hold_is_checked() -> None:
    step = {
        "name": "hold",
        "kind": "constant_voltage",
        "voltage": "20 V",
        "current_limit": "5 A",
        "until": {"current": "C/100"},
    }
    protocol = from_data({**to_data(half_cell()), "aliases": {}, "steps": [step]}, "mine")
    errors = [field for _, field in found(protocol)]
    assert errors == ["steps.hold.voltage", "steps.hold.voltage", "steps.hold.current_limit"]
    assert ("error", "steps.hold.until.current") in found(with_settings(protocol, ["build=pellet"]))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("area: 0.785 cm2", "area: 0.785 m2", "builds.half.area"),
        ("thickness: 500 um", "thickness: 500 mm", "builds.half.thickness"),
        ("tin_mass: 1.366 mg", "tin_mass: 1.366 g", "builds.half.tin_mass"),
        ("ionic_conductivity: 0.185 mS/cm", "ionic_conductivity: 185 S/cm", "electrolyte.ionic_conductivity"),
    ],
)
def test_slips_in_a_record_are_found(old: str, new: str, field: str) -> None:
    text = dump_cell(NPS)
    assert old in text
    findings = check(half_cell(), parse_cell(text.replace(old, new, 1), "mine.yaml"))
    assert (findings[0].grade, findings[0].field, findings[0].source) == ("error", field, "cell")


def test_errors_come_before_warnings() -> None:
    grades = [
        grade for grade, _ in found(changed(f"{SODIATION}.spectrum.amplitude=50 mV", "temperature=25 K"))
    ]
    assert grades == ["error", "warning"]


def test_warnings_alone_raise_nothing() -> None:
    raise_errors(check(changed("safety.voltage_max=3 V"), NPS), "mine.yaml", "nps")


def test_the_first_error_is_told_in_full_and_the_others_are_named() -> None:
    findings = check(changed(f"{SODIATION}.current=-0.16 A/cm2", "temperature=25 K"), NPS)
    with pytest.raises(BadInput) as caught:
        raise_errors(findings, "mine.yaml", "nps")
    assert str(caught.value).startswith("mine.yaml, field conditions.temperature: '25 K' is -248 degC")
    assert str(caught.value).endswith("Also to be corrected: steps.sodiation.current.")


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(strategies.protocols)
def test_any_protocol_can_be_checked(data: dict[str, Any]) -> None:
    protocol = from_data(data, "generated")
    for build in ("half", "pellet", "dc_reduced", protocol.build):
        for finding in check(protocol, NPS, build):
            assert finding.field
            assert finding.message
            assert "\n" not in str(finding)


def test_a_run_of_years_is_remarked_on_with_its_duration() -> None:
    protocol = with_settings(load_protocol("full-cell"), ["cycles=1000"])
    (finding,) = check(protocol, NPS)
    assert finding.grade == "warning"
    assert finding.field == "steps.cycling.steps.charge"
    assert "the run takes 20 001 h = 2.3 years" in str(finding)


@pytest.mark.parametrize(
    ("old", "new", "grade", "says"),
    [
        ("cathode_mass: 4.71 mg", "cathode_mass: 4.71 g", "error", "'4.71 g on 0.785 cm2' is implausible"),
        ("tin_mass: 0.714 mg", "tin_mass: 0.45 mg", "warning", "sodium metal would be plated"),
        (
            "nominal_capacity: 0.64 mAh/cm2",
            "nominal_capacity: 0.64 uAh/cm2",
            "error",
            "nominal capacity in an",
        ),
    ],
)
def test_a_full_cell_that_cannot_be_meant(old: str, new: str, grade: str, says: str) -> None:
    text = dump_cell(NPS)
    assert old in text
    first = check(load_protocol("full-cell"), parse_cell(text.replace(old, new), "ours.yaml"))[0]
    assert first.grade == grade
    assert says in str(first)


@pytest.mark.parametrize("build", ["half", "full"])
def test_the_analyzer_alone_is_for_cells_without_a_voltage(build: str) -> None:
    alone = [f"build={build}", "instruments=1260", "top=32 MHz"]
    protocol = with_settings(load_protocol("ionic-conductivity"), alone)
    assert found(protocol) == [("error", "steps.spectrum.instruments")]
    assert found(with_settings(protocol, ["build=pellet"])) == []
    assert found(with_settings(protocol, ["build=symmetric"])) == []


def test_nobody_moves_the_leads_during_a_run() -> None:
    data = to_data(load_protocol("ionic-conductivity"))
    spectrum = data["steps"][0]
    data["steps"] = [{**spectrum, "name": "alone", "instruments": "1260"}, {**spectrum, "name": "both"}]
    protocol = from_data({**data, "aliases": {}}, "mine")
    assert found(protocol) == [("error", "steps.both")]
    assert found(with_settings(protocol, ["steps.both.instruments=1260"])) == []


@dataclass(frozen=True)
class Forgetful:
    """A kind of step whose own check looks at nothing."""

    kind: AnyStepKind

    def __call__(self, step: StepBase) -> AnyStepKind:
        found = kind_of(step)
        return replace(found, check=no_findings) if found is self.kind else found


@pytest.mark.parametrize("name", ["constant_current", "constant_voltage"])
def test_a_step_that_cannot_be_planned_is_found_whatever_its_kind_has_looked_at(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A charge in percent needs a mass, which a pellet has not."""
    monkeypatch.setattr(import_module("solbench.protocols.check"), "kind_of", Forgetful(STEP_KINDS[name]))
    step = {"name": "inner", "kind": name, **new_step(STEP_KINDS[name]), "until": {"capacity": "5 %"}}
    loop = {"name": "loop", "kind": "loop", "count": 10**9, "steps": [step]}
    protocol = from_data({**to_data(half_cell()), "aliases": {}, "build": "pellet", "steps": [loop]}, "mine")
    assert ("error", "steps.loop.steps.inner") in found(protocol)


DC = (
    "{{name: dc, kind: dc_polarization, voltage: 20 mV, baseline: 1 min, at_most: {at_most}, "
    "steady_within: 1 %, steady_over: 1 min}}"
)
CV = "{{name: cv, kind: constant_voltage, voltage: 0.3 V, current_limit: {limit}, until: {{current: {end}}}}}"
STEPS = """
name: steps
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown}}
steps:
{steps}
"""
DRIVE = (
    "  - {name: drive, kind: constant_current, current: -60 uA, until: {capacity: 10 %}, "
    "cut_short: {voltage: -1 V}}"
)
SEE = (
    "  - {name: see, kind: impedance, from: 1 MHz, to: 1 Hz, points_per_decade: 5, amplitude: 10 mV, "
    "integration: 1 s}"
)
LOOP, INNER = "  - name: again\n    kind: loop\n    count: 2\n    steps:", "    "
BRIEF = "{slope: 1 mV/min, over: 5 s, at_least: 5 s, at_most: 20 s}"
SLOPE = "{slope: 1 mV/min, over: 60 s, at_least: 1 min, at_most: 1 h}"


def rest(rule: str) -> str:
    return f"  - {{name: rest, kind: rest, {rule.strip('{}')}}}"


@pytest.mark.parametrize(
    ("build", "steps", "codes"),
    [
        ("half", (SEE,), []),
        ("half", (DRIVE, SEE), ["impedance.unrested"]),
        ("half", (DRIVE, rest("time: 2 s"), SEE), ["impedance.unrested"]),
        ("half", (DRIVE, rest("time: 5 min"), SEE), []),
        ("half", (DRIVE, rest(SLOPE), SEE), []),
        (
            "half",
            (DRIVE, rest(BRIEF), SEE),
            ["impedance.unrested"],
        ),
        ("half", (LOOP, INNER + SEE, INNER + DRIVE), ["impedance.unrested"]),
        ("half", (LOOP, INNER + SEE, INNER + DRIVE, INNER + rest("time: 5 min")), []),
        ("pellet", ("  - " + DC.format(at_most="2 h"),), []),
        ("pellet", ("  - " + DC.format(at_most="3 min"),), ["dc_polarization.short"]),
        ("pellet", ("  - " + DC.format(at_most="2 h").replace("20 mV", "-2 mV"),), ["dc_polarization.small"]),
        ("pellet", (SEE.replace("1 MHz", "5 kHz"),), ["impedance.narrow"]),
        ("half", ("  - " + CV.format(limit="0.1 mA", end="2 uA"),), []),
        ("half", ("  - " + CV.format(limit="9 mA", end="2 uA"),), ["constant_voltage.end_unread"]),
        ("pellet", ("  - " + CV.format(limit="0.1 mA", end="2 uA"),), ["current.blocking", "step.unbounded"]),
    ],
)
def test_what_would_be_measured_badly_is_told_before(
    build: str, steps: tuple[str, ...], codes: list[str]
) -> None:
    protocol = parse_protocol(STEPS.format(build=build, steps="\n".join(steps)), "p")
    assert [finding.code for finding in check(protocol, NPS)] == codes


def test_a_state_that_the_record_cannot_tell_is_remarked_on() -> None:
    protocol = parse_protocol(
        STEPS.format(build="half", steps=SEE).replace("unknown}", "unknown, cell_state: sodiated}"), "p"
    )
    assert check(protocol, NPS) == []
    record = NPS.model_dump(mode="json", by_alias=True, exclude_unset=True)
    del record["builds"]["half"]["sodiated_window"], record["builds"]["half"]["reference"]
    without = CellRecord.model_validate(record)
    assert [finding.code for finding in check(protocol, without)] == ["conditions.cell_state"]


CHARGE, DISCHARGE = "steps.cycling.steps.charge", "steps.cycling.steps.discharge"
PLATING = "steps.currents.steps.plating.current"


def test_a_wrong_sign_is_told_of_the_step_that_has_it_and_of_none_behind_it() -> None:
    """A charge that discharges leaves a cell of 1.5 V at most, from which the discharge could not begin either."""
    assert found(with_settings(load_protocol("full-cell"), [f"{CHARGE}.current=-0.064 mA/cm2"])) == [
        ("error", f"{CHARGE}.until.voltage")
    ]
    assert found(with_settings(load_protocol("full-cell"), [f"{DISCHARGE}.current=0.064 mA/cm2"])) == [
        ("error", f"{DISCHARGE}.until.voltage")
    ]


def test_what_holds_for_the_values_of_a_series_is_told_once_with_the_values() -> None:
    series = "currents=[0.1 mA/cm2, 500 mA/cm2, 600 mA/cm2, 700 mA/cm2]"
    errors = check(with_settings(load_protocol("critical-current-density"), [series]), NPS)
    assert [one.field for one in errors] == [PLATING, PLATING.replace("plating", "stripping")]
    assert errors[0].message.startswith("'500 mA/cm2' ")
    assert errors[0].cure.endswith(". The same, with other figures, holds for '600 mA/cm2' and '700 mA/cm2'")
    one_more = with_settings(load_protocol("critical-current-density"), [series.replace(", 700 mA/cm2", "")])
    assert check(one_more, NPS)[0].cure.endswith(" holds for '600 mA/cm2'")


def passes(over: dict[str, list[str]], *steps: dict[str, Any]) -> Protocol:
    data = to_data(load_protocol("half-cell"))
    return Protocol.model_validate(
        data | {"steps": [{"name": "all", "kind": "loop", "over": over, "steps": list(steps)}]}
    )


FOR_AN_HOUR = {"name": "flow", "kind": "constant_current", "current": "$i", "until": {"time": "1 h"}}


def test_what_another_value_of_a_series_does_not_do_is_not_said_of_it() -> None:
    """-0.1 mA/cm2 discharges, and the same was said to hold for the two that charge."""
    currents = ["-0.07 mA/cm2", "0.03 mA/cm2", "-0.11 mA/cm2", "0.05 mA/cm2", "0.13 mA/cm2"]
    for seed in range(10):
        random.Random(seed).shuffle(currents)
        found = [one for one in check(passes({"i": currents}, FOR_AN_HOUR), NPS) if "sign" in one.code]
        assert len(found) == 2
        for way, signs in (("charges", ["0."]), ("discharges", ["-"])):
            same = [current for current in currents if current.startswith(tuple(signs))]
            [told] = [one for one in found if f"'{same[0]}' {way} the cell" in one.message]
            named = " and ".join(", ".join(f"'{one}'" for one in same[1:]).rsplit(", ", 1))
            assert told.cure.endswith(f"The same holds for {named}")


def test_of_a_long_series_three_values_are_named_and_all_counted() -> None:
    hold = {"name": "hold", "kind": "constant_voltage", "voltage": "$v", "current_limit": "1 mA"}
    volts = [f"{10 + number} V" for number in range(40)] + ["0.2 V"]
    found = check(passes({"v": volts}, hold | {"until": {"time": "1 h"}}), NPS)
    [window] = [one for one in found if one.message.startswith("'10 V' is not inside")]
    assert window.cure.endswith(
        "The same holds for 39 more values of the series, among them '11 V', '12 V' and '13 V'"
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_value_with_the_other_sign_than_its_series_is_not_told_as_what_was_typed(seed: int) -> None:
    """'-9 A' is told of 9 A in the series; with the cure's '-9 mA' there the step would charge."""
    draw = random.Random(seed)
    typed = [f"{draw.choice(['', '-'])}{draw.uniform(3.0, 90.0):.3g} A" for _ in range(draw.randint(1, 3))]
    names = [draw.choice(["$i", "-$i", "\u2212$i", "+$i"]) for _ in range(2)]
    steps = [FOR_AN_HOUR | {"name": f"flow{n}", "current": name} for n, name in enumerate(names)]
    found = [one for one in check(passes({"i": typed}, *steps), NPS) if one.code == "current.areal"]
    assert {one.field for one in found} == {"steps.all.steps.flow0.current", "steps.all.steps.flow1.current"}
    for one in found:
        name = names["flow1" in one.field]
        is_turned = not any(f"'{text}' is" in one.message for text in typed)
        assert is_turned is name.startswith(("-", "\u2212"))
        assert (f"'{name}' turns the sign" in one.cure) is is_turned
    for name, turned in (("-$i", True), ("$i", False)):
        with pytest.raises(ValidationError) as refused:
            passes({"i": ["7 mAh"]}, FOR_AN_HOUR | {"current": name})
        assert ("'-$i' turns the sign" in str(refused.value)) is turned


def test_a_value_that_several_passes_of_another_series_have_is_named_once() -> None:
    outer = {"name": "inner", "kind": "loop", "over": {"i": ["0.02 mA/cm2", "600 mA/cm2", "700 mA/cm2"]}}
    wait = {"name": "wait", "kind": "rest", "time": "$t"}
    found = check(passes({"t": ["1 h", "2 h", "3 h"]}, wait, outer | {"steps": [FOR_AN_HOUR]}), NPS)
    [areal] = [one for one in found if one.code == "current.areal"]
    assert "'600 mA/cm2' is" in areal.message
    assert areal.cure.endswith(" holds for '700 mA/cm2'")


def test_what_the_order_shows_of_several_values_names_them() -> None:
    """Only the first was told, as if the others were right."""
    there = {"name": "there", "kind": "constant_current", "current": "C/20", "until": {"voltage": "$v"}}
    back = there | {"name": "back", "current": "-C/20", "until": {"voltage": "1.7 V"}}
    steps = [
        {"name": "all", "kind": "loop", "over": {"v": ["2.2 V", "3.3 V", "2.6 V"]}, "steps": [there, back]}
    ]
    data = to_data(load_protocol("full-cell")) | {"aliases": {}, "steps": steps}
    [early] = [one for one in check(Protocol.model_validate(data), NPS) if one.code.endswith(".early")]
    assert "'2.2 V' ends it too early" in early.message
    assert early.cure.endswith("The same holds for '2.6 V'")


@pytest.mark.parametrize(
    ("there", "back", "told"),
    [
        (("0.12 mA/cm2", "90 min"), ("-0.12 mA/cm2", "90 min"), None),
        (("0.12 mA/cm2", "90 min"), ("-0.24 mA/cm2", "45 min"), None),
        (("-0.3 mA/cm2", "2 h"), ("0.3 mA/cm2", "0.6 mAh/cm2"), None),
        (("0.12 mA/cm2", "90 min"), ("-0.12 mA/cm2", "90 s"), (0.1413, 0.1413 / 60)),
        (("-0.05 mA/cm2", "4 h"), ("0.5 mA/cm2", "4 h"), (1.57, 0.157)),
        (("0.2 mA/cm2", "3 h"), ("-0.2 mA/cm2", "0.3 mAh/cm2"), (0.471, 0.2355)),
    ],
)
def test_what_goes_one_way_in_a_symmetric_cell_comes_back_in_each_pass(
    there: tuple[str, str], back: tuple[str, str], told: tuple[float, float] | None
) -> None:
    steps = [
        {"name": name, "kind": "constant_current", "current": current, "cut_short": {"voltage": cut}}
        | {"until": {"capacity" if "mAh" in end else "time": end}}
        for name, (current, end), cut in zip(
            ("there", "back"),
            (there, back),
            ("-2 V" if there[0][0] == "-" else "2 V", "-2 V" if back[0][0] == "-" else "2 V"),
            strict=True,
        )
    ]
    loop = {"name": "all", "kind": "loop", "count": 40, "steps": steps}
    data = to_data(load_protocol("symmetric-cell")) | {"aliases": {}, "steps": [loop]}
    found = [one for one in check(Protocol.model_validate(data), NPS) if one.code.endswith(".unequal")]
    shown = [(one.parameters["forth_mAh"], one.parameters["back_mAh"]) for one in found]
    assert shown == ([pytest.approx(told)] if told else [])


@pytest.mark.parametrize(
    ("current", "is_small"),
    [("0.064 uA/cm2", True), ("50 nA", True), ("C/100", False), ("C/300", False), ("2 uA/cm2", False)],
)
def test_a_current_with_which_nothing_changes_is_doubted(current: str, is_small: bool) -> None:
    changes = [f"{CHARGE}.current={current}", f"{CHARGE}.until={{time: 10 h}}"]
    found = check(with_settings(load_protocol("full-cell"), changes), NPS)
    assert [one.field for one in found if one.code == "current.small"] == [f"{CHARGE}.current"] * is_small


def test_what_cuts_a_step_short_may_lie_beyond_the_usual_voltages() -> None:
    """A pulse has an overpotential."""
    pulse = [f"{CHARGE}.until={{time: 1 min}}", f"{CHARGE}.cut_short={{voltage: 3.65 V}}"]
    assert check(with_settings(load_protocol("full-cell"), pulse), NPS) == []


@pytest.mark.parametrize("name", [name for name in shipped_protocols() if name != "manual"])
def test_of_steps_that_are_all_refused_each_is_told_and_not_that_there_are_none(name: str) -> None:
    data = to_data(load_protocol(name))
    for step in data["steps"]:
        step["wrong"] = 1
    with pytest.raises(ValidationError) as caught:
        Protocol.model_validate(data)
    told = refusals(caught.value, data)
    assert [field for field, _, _ in told] == [f"steps.{step['name']}.wrong" for step in data["steps"]]
