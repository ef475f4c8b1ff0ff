from typing import Any

import pytest

from solbench.protocols import (
    BadInput,
    Protocol,
    check,
    half_cell,
    load_cell,
    load_protocol,
    parse_protocol,
    plan,
    with_settings,
)
from solbench.protocols.costs import Costs, SoFar
from solbench.protocols.files import parse_text
from solbench.protocols.kinds.constant_current import CONSTANT_CURRENT, KIND
from solbench.protocols.kinds.currents import check_current
from solbench.protocols.kinds.driven.current_checks import SIGN_UNSEEN
from solbench.protocols.kinds.driven.current_order import EARLY
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.limits import limits_for
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.protocol import to_data
from solbench.protocols.segments import (
    ConstantCurrent,
    End,
    Rest,
    Sweep,
)
from solbench.protocols.tolerances import USUAL

HALF = load_cell("nps").build("half")


def test_marks_of_the_sodiation() -> None:
    currents = [s for s in plan(load_protocol("half-cell"), HALF) if isinstance(s, ConstantCurrent)]
    whole_C = 0.95 * 1.366e-6 * 847 * 3600
    for segment, share, text in zip(
        currents, (0.25, 0.5, 0.75, 1.0), ("25 %", "50 %", "75 %", "95 %"), strict=False
    ):
        assert segment.current_A == pytest.approx(-1.6 * 0.785e-4)
        charge, cut = segment.ends
        assert (charge.quantity, charge.text, charge.outcome) == ("charge", text, "segment")
        assert charge.value == pytest.approx(share * whole_C, rel=1e-12)
        assert cut == End("voltage_below", -4.5, "-4.5 V", "cut_short")
    assert currents[4].current_A == pytest.approx(1.256e-4)
    assert currents[4].ends[0] == End("voltage_above", 2.0, "2.0 V", "step")
    assert currents[4].ends[1].outcome == "cut_short"


def test_a_last_mark_before_the_end_is_followed_by_the_rest_of_the_charge() -> None:
    protocol = with_settings(half_cell(), ["spectra=[50 %]"])
    segments = [s for s in plan(protocol, HALF) if s.step.name == "sodiation"]
    assert [type(s) for s in segments] == [ConstantCurrent, Rest, Sweep, ConstantCurrent]
    ends = [s.ends[0] for s in segments if isinstance(s, ConstantCurrent)]
    assert [end.text for end in ends] == ["50 %", "95 %"]
    assert ends[1].value == pytest.approx(2 * ends[0].value)


def test_other_ends_close_the_whole_step() -> None:
    changes = [
        "steps.sodiation.until.voltage=-1 V",
        "steps.sodiation.until.time=10 h",
        "spectra=[50 %, 100 %]",
    ]
    first = next(s for s in plan(with_settings(half_cell(), changes), HALF) if isinstance(s, ConstantCurrent))
    assert [(end.quantity, end.outcome) for end in first.ends] == [
        ("charge", "segment"),
        ("voltage_below", "step"),
        ("time", "step"),
        ("voltage_below", "cut_short"),
    ]
    assert first.ends[0].text == "50 %"


def test_a_cut_short_charge_is_not_divided_by_the_marks() -> None:
    changes = ["steps.sodiation.cut_short.capacity=2 mAh/cm2"]
    first = next(s for s in plan(with_settings(half_cell(), changes), HALF) if isinstance(s, ConstantCurrent))
    cut = next(end for end in first.ends if end.quantity == "charge" and end.outcome == "cut_short")
    assert cut.value == pytest.approx(72000 * 0.785e-4)


RULES = """
current: {current}
until: {until}
cut_short: {cut}
"""


def findings_of(current: str, until: str, cut: str, build: str = "half") -> list[str]:
    step = {"name": "drive", **parse_text(RULES.format(current=current, until=until, cut=cut), "step")}
    cell = load_cell("nps").build(build)
    bounds = Bounds(cell, limits_for(None, cell), Plausible(), Instruments(), USUAL)
    return [found.code for found in KIND.check("drive", KIND.model.model_validate(step), bounds)]


@pytest.mark.parametrize(
    ("current", "until", "cut", "codes"),
    [
        ("-0.16 mA/cm2", "{capacity: 95 %}", "{voltage: -4.5 V}", []),
        ("-3 A", "{time: 1 h}", "{time: 2 h}", ["current.areal", SIGN_UNSEEN.code]),
        ("-20C", "{time: 1 h}", "{time: 2 h}", ["current.areal", SIGN_UNSEEN.code]),
        ("-1 mA", "{voltage: -1 V}", "{voltage: -0.5 V}", ["constant_current.never_reached"]),
        ("-1 mA", "{time: 2 h}", "{time: 1 h}", ["constant_current.never_reached", SIGN_UNSEEN.code]),
        (
            "-0.1 mA",
            "{time: 2 h}",
            "{capacity: 0.19 mAh}",
            ["constant_current.never_reached", SIGN_UNSEEN.code],
        ),
        ("-0.1 mA", "{time: 2 h}", "{capacity: 0.21 mAh}", [SIGN_UNSEEN.code]),
        ("0.4 mA", "{voltage: 1 V, capacity: 1 mAh}", "{time: 2 h}", ["constant_current.never_reached"]),
        ("-1 mA", "{capacity: 110 %}", "{time: 90 h}", ["capacity.beyond_electrodes", SIGN_UNSEEN.code]),
        ("-1 mA", "{capacity: 104 %}", "{time: 90 h}", ["capacity.above_whole", SIGN_UNSEEN.code]),
        ("-1 mA", "{time: 1 h}", "{capacity: 300 %}", ["capacity.implausible", SIGN_UNSEEN.code]),
        ("-1 mA", "{voltage: -6 V}", "{time: 90 h}", ["voltage.outside_window"]),
        ("0.16 mA/cm2", "{capacity: 95 %}", "{time: 90 h}", [SIGN_UNSEEN.code]),
        ("-0.16 mA/cm2", "{voltage: -4 V, capacity: 95 %}", "{time: 90 h}", []),
    ],
)
def test_a_slip_is_named_by_a_code(current: str, until: str, cut: str, codes: list[str]) -> None:
    assert findings_of(current, until, cut) == codes


def test_a_current_that_returns_takes_the_time_of_the_charge_that_went() -> None:
    (charge,) = (s for s in plan(load_protocol("half-cell"), HALF) if s.step.name == "desodiation")
    assert isinstance(charge, ConstantCurrent)
    brought_C = 100 * charge.current_A
    cost = CONSTANT_CURRENT.cost(charge, SoFar(Costs(), 0.0, -brought_C, HALF.capacity_C))
    connect_s = Costs().connect_s
    assert (cost.duration_s, cost.driven_s) == (pytest.approx(100.0 + connect_s), pytest.approx(100.0))
    assert cost.at_least_s == 0.0  # its voltage may be reached at once
    unknown = CONSTANT_CURRENT.cost(charge, SoFar(Costs(), 0.0, 0.0, None))
    assert unknown.duration_s == Costs().unknown_s + connect_s


def test_a_current_to_a_voltage_lasts_at_most_until_all_charge_went_from_one_end_to_the_other() -> None:
    (charge,) = (s for s in plan(load_protocol("half-cell"), HALF) if s.step.name == "desodiation")
    assert isinstance(charge, ConstantCurrent)
    assert HALF.theoretical_capacity_C is not None
    so_far = SoFar(Costs(), 0.0, 0.0, HALF.capacity_C, HALF.theoretical_capacity_C)
    all_s = 2.0 * HALF.theoretical_capacity_C / charge.current_A
    assert CONSTANT_CURRENT.cost(charge, so_far).at_most_s == pytest.approx(all_s, rel=1e-3)


STEP = {"name": "fast", "current": "-20C", "until": {"time": "1 min"}}


def test_a_rate_beyond_reason_is_found_where_the_area_allows_it() -> None:
    bounds = Bounds(HALF, limits_for(None, HALF), Plausible(areal_current_max_A_m2=1e4), Instruments(), USUAL)
    (found,) = check_current("current", KIND.model.model_validate(STEP).current, bounds)
    assert found.code == "current.rate"


@pytest.mark.parametrize(
    ("until", "marks", "codes"),
    [
        ("{capacity: 0.1 mAh/cm2, time: 10 min}", "[0 %, 20 %]", []),
        ("{capacity: 0.1 mAh/cm2, time: 10 min}", "[0 %, 20 %, 30 %]", ["constant_current.spectra_never"]),
        ("{capacity: 0.1 mAh/cm2, time: 37.5 min}", "[100 %]", ["constant_current.spectra_never"]),
        ("{capacity: 0.1 mAh/cm2, time: 38 min}", "[50 %, 100 %]", []),
        ("{capacity: 0.1 mAh/cm2, voltage: 0.2 V}", "[0 %, 50 %]", ["constant_current.spectra_missed"]),
        ("{capacity: 0.1 mAh/cm2, voltage: 0.2 V}", "[0 %]", []),
    ],
)
def test_a_spectrum_that_an_earlier_end_prevents_is_found(until: str, marks: str, codes: list[str]) -> None:
    """At 0.16 mA/cm2 the whole charge takes 37.5 min."""
    text = f"""
current: -0.16 mA/cm2
until: {until}
cut_short: {{voltage: -1 V}}
spectra_at: {marks}
rest: {{time: 1 min}}
spectrum: {{from: 10 kHz, to: 1 Hz, points_per_decade: 5, amplitude: 10 mV, integration: 1 s}}
"""
    step = KIND.model.model_validate({"name": "drive", **parse_text(text, "step")})
    bounds = Bounds(HALF, limits_for(None, HALF), Plausible(), Instruments(), USUAL)
    found = list(KIND.check("drive", step, bounds))
    assert [one.code for one in found] == codes
    assert all(one.field == "drive.spectra_at" for one in found)


@pytest.mark.parametrize(
    ("build", "until", "cut", "is_found"),
    [
        ("pellet", "{voltage: 0.4 V}", "{time: 1 h}", False),
        ("pellet", "{voltage: 0.4 V}", "{voltage: 0.45 V}", True),
        ("half", "{voltage: 2.0 V}", "{voltage: 2.05 V}", False),  # the tin bounds it
    ],
)
def test_a_voltage_that_may_never_come_needs_another_end_where_no_tin_bounds_the_charge(
    build: str, until: str, cut: str, is_found: bool
) -> None:
    assert ("step.unbounded" in findings_of("10 uA", until, cut, build)) is is_found


ORDER = """
name: order
build: {build}
conditions: {{temperature: unknown, stack_pressure: unknown, cell_state: {state}}}
steps:
{steps}
"""


def order_of(build: str, state: str, *steps: str) -> list[tuple[str, str]]:
    """What is found in the order of steps, each given as current and end, or as `hold` and the voltage."""
    lines = [
        f"  - {{name: s{number}, kind: constant_voltage, voltage: {end}, current_limit: 1 mA, until: {{time: 1 h}}}}"
        if current == "hold"
        else f"  - {{name: s{number}, kind: constant_current, current: {current}, until: {{{end}}}}}"
        for number, (current, end) in enumerate(step.split(" / ") for step in steps)
    ]
    return passed_in(ORDER.format(build=build, state=state, steps="\n".join(lines)))


def passed_in(text: str) -> list[tuple[str, str]]:
    protocol = parse_protocol(text, "p")
    return [
        (found.grade, found.field.split(".")[-3])
        for found in check(protocol, load_cell("nbh"))
        if found.code.startswith("constant_current.passed")
    ]


@pytest.mark.parametrize(
    ("build", "state", "steps", "found"),
    [
        ("half", "fresh", ("-0.1 mA / capacity: 50 %", "0.1 mA / voltage: 2.0 V"), []),
        ("half", "fresh", ("-0.1 mA / capacity: 50 %", "-0.1 mA / voltage: 2.0 V"), [("error", "s1")]),
        ("half", "sodiated", ("0.1 mA / voltage: 1.0 V",), []),
        ("half", "sodiated", ("-0.1 mA / voltage: 1.0 V",), [("error", "s0")]),
        ("full", "fresh", ("60 uA / voltage: 3.4 V", "-60 uA / voltage: 1.7 V"), []),
        ("full", "fresh", ("60 uA / voltage: 3.4 V", "60 uA / voltage: 1.7 V"), [("error", "s1")]),
        ("full", "fresh", ("-60 uA / voltage: 1.7 V",), [("error", "s0")]),
        ("full", "sodiated", ("-60 uA / voltage: 1.7 V",), []),
        ("full", "sodiated", ("-60 uA / voltage: 1.7 V", "-20 uA / voltage: 1.9 V"), [("warning", "s1")]),
    ],
)
def test_a_forgotten_sign_is_an_error_where_nothing_else_can_be_meant(
    build: str, state: str, steps: tuple[str, ...], found: list[tuple[str, str]]
) -> None:
    assert order_of(build, state, *steps) == found


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ("3.0 V", []),
        ("3.3 V", [("error", "s2")]),
        ("3.4 V", [("error", "s2")]),
    ],
)
def test_a_voltage_held_short_of_the_end_lets_it_be_reached_again(
    held: str, found: list[tuple[str, str]]
) -> None:
    steps = ("60 uA / voltage: 3.4 V", f"hold / {held}", "60 uA / voltage: 3.2 V")
    assert order_of("full", "fresh", *steps) == found


LOOP = """
  - name: cycles
    kind: loop
    count: {count}
    steps:
      - {{name: a, kind: constant_current, current: 60 uA, until: {{voltage: 3.2 V}}}}
      - {{name: b, kind: constant_current, current: {current}, until: {{voltage: {end}}}}}
"""


@pytest.mark.parametrize(
    ("count", "current", "end", "found"),
    [
        (3, "-60 uA", "1.7 V", []),
        (3, "60 uA", "3.4 V", [("error", "a")]),
        (1, "60 uA", "3.4 V", []),
        (3, "60 uA", "1.7 V", [("error", "b")]),  # told once, not once a pass
    ],
)
def test_a_pass_begins_where_the_one_before_ends(
    count: int, current: str, end: str, found: list[tuple[str, str]]
) -> None:
    steps = LOOP.format(count=count, current=current, end=end)
    assert passed_in(ORDER.format(build="full", state="fresh", steps=steps)) == found


MARKED = """
name: marked
build: half
conditions: {{temperature: 25 degC, stack_pressure: unknown}}
steps:
  - name: a
    kind: constant_current
    current: {current}
    until: {until}
    spectra_at: {marks}
    rest: {{time: 5 min}}
    spectrum: {{from: 1 MHz, to: 1 Hz, points_per_decade: 10, amplitude: 10 mV, integration: 1 s}}
"""


def marked(current: str, until: str, marks: str) -> Protocol:
    return parse_protocol(MARKED.format(current=current, until=until, marks=marks), "test")


@pytest.mark.parametrize(
    ("current", "until", "marks", "side", "values"),
    [
        ("-0.1 mA/cm2", "{voltage: 0 V}", "[0.4 V, 0.2 V]", "voltage_below", [0.4, 0.2]),
        ("0.1 mA/cm2", "{voltage: 2 V}", "[1 V, 1.5 V]", "voltage_above", [1.0, 1.5]),
        ("0.1 mA/cm2", "{time: 9 h}", "[1 h, 2 h, 3 h]", "time", [3600.0, 7200.0, 10800.0]),
        ("0.1 mA/cm2", "{time: 9 h}", "[0 s, 2 h]", "time", [7200.0]),
    ],
)
def test_spectra_at_voltages_and_times_interrupt_the_current_there(
    current: str, until: str, marks: str, side: str, values: list[float]
) -> None:
    made = list(plan(marked(current, until, marks), load_cell("nbh").build("half")))
    driven = [segment for segment in made if isinstance(segment, ConstantCurrent)]
    own = [[e for e in segment.ends if e.outcome == "segment"] for segment in driven]
    assert [(e.quantity, e.value) for ends in own for e in ends] == [(side, value) for value in values]
    assert isinstance(made[-1], ConstantCurrent)
    assert own[-1] == [], "the last part goes on to the end of the step"
    sweeps = [segment for segment in made if isinstance(segment, Sweep)]
    assert len(sweeps) == marks.count(",") + 1
    assert {sweep.fraction for sweep in sweeps} == {None}


@pytest.mark.parametrize(
    ("current", "until", "marks", "says"),
    [
        ("-0.1 mA/cm2", "{voltage: 0 V}", "[0.2 V, 0.4 V]", "in falling order"),
        ("0.1 mA/cm2", "{voltage: 2 V}", "[0.4 V, 0.2 V]", "in rising order"),
        ("0.1 mA/cm2", "{time: 2 h}", "[1 h, 1 V]", "1 V is a voltage, 1 h a time"),
        ("0.1 mA/cm2", "{time: 2 h}", "[-1 h, 1 h]", "is below zero"),
        ("0.1 mA/cm2", "{time: 2 h}", "[50 %]", "percentages need a charge"),
    ],
)
def test_states_that_do_not_come_one_after_the_other_are_refused(
    current: str, until: str, marks: str, says: str
) -> None:
    with pytest.raises(BadInput) as refused:
        marked(current, until, marks)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("until", "marks"),
    [
        ("{voltage: 0 V}", "[0.4 V, -0.1 V]"),
        ("{time: 2 h}", "[1 h, 2 h]"),
        ("{capacity: 0.25 mAh/cm2}", "[2 h, 3 h]"),  # reached after two and a half
    ],
)
def test_a_state_behind_the_end_of_its_step_is_found(until: str, marks: str) -> None:
    found = check(marked("-0.1 mA/cm2", until, marks), load_cell("nbh"))
    assert "constant_current.mark_beyond" in [finding.code for finding in found if finding.grade == "error"]


def test_states_by_time_before_the_charge_of_the_step_are_none_behind_its_end() -> None:
    found = check(marked("-0.1 mA/cm2", "{capacity: 0.25 mAh/cm2}", "[1 h, 2 h]"), load_cell("nbh"))
    assert "constant_current.mark_beyond" not in [finding.code for finding in found]


@pytest.mark.parametrize(
    ("protocol", "path", "voltages"),
    [
        (
            "full-cell",
            "steps.cycling.steps.charge",
            {"2.0 V": True, "2.79 V": True, "2.81 V": False, "3.4 V": False},
        ),
        ("full-cell", "steps.cycling.steps.discharge", {"2.9 V": True, "2.8 V": True, "2.7 V": False}),
        ("half-cell", "steps.desodiation", {"0.1 V": True, "0.29 V": True, "0.31 V": False, "2.0 V": False}),
    ],
)
def test_a_voltage_at_which_a_cell_is_not_charged_yet_or_still_is_is_doubted(
    protocol: str, path: str, voltages: dict[str, bool]
) -> None:
    """A formation that ended at 2.0 V for 3.4 was told with 20 % of efficiency, and nothing beside it."""
    for voltage, is_early in voltages.items():
        changed = with_settings(load_protocol(protocol), [f"{path}.until={{voltage: {voltage}}}"])
        found = check(changed, load_cell("nps"))
        assert [one.code == EARLY.code for one in found] == [True] * is_early, (voltage, found)
    part = with_settings(load_protocol(protocol), [f"{path}.until={{voltage: {voltage}, capacity: 30 %}}"])
    assert check(part, load_cell("nps")) == []


LIMITS = {"cut_short": {"capacity": "200 %"}}
REST = {"name": "rest", "kind": "rest", "time": "20 min"}


def currents(*steps: str) -> list[dict[str, Any]]:
    """Write steps as "+2.5" (charge to 2.5 V), "-1.7" (discharge) or "=2.5" (hold)."""
    written: list[dict[str, Any]] = []
    for number, step in enumerate(steps):
        kind, voltage = step[0], f"{step[1:]} V"
        one: dict[str, Any] = {"name": f"step{number}", "kind": "constant_current"}
        one |= {"current": "C/20" if kind == "+" else "-C/20", "until": {"voltage": voltage}, **LIMITS}
        if kind == "=":
            one |= {"kind": "constant_voltage", "voltage": voltage, "current_limit": "C/20"}
            one = {key: value for key, value in one.items() if key not in ("current", "cut_short")}
            one["until"] = {"time": "5 h"}
        written += [one, REST | {"name": f"rest{number}"}]
    return written


def early(steps: list[dict[str, Any]]) -> list[str]:
    data = to_data(load_protocol("full-cell")) | {"aliases": {}, "steps": steps}
    found = check(Protocol.model_validate(data), load_cell("nbh"))
    return [one.field for one in found if one.code == EARLY.code]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (("+2.4", "+3.3", "-1.8"), []),
        (("+2.2", "=2.2", "+3.4", "-1.7"), []),
        (("+2.2", "=3.4", "-1.7"), []),
        (("+2.0", "+2.4", "+2.7", "+3.4", "-2.9", "-2.8", "-1.7"), []),
        (("+3.4", "-2.9", "=2.9", "-1.7", "+3.4"), []),
        (("+2.4", "=2.4", "-1.7"), [0]),
        (("+2.4", "-1.7", "+3.4"), [0]),
        (("+2.2", "+2.5", "-1.7", "+3.4"), [1]),
        (("+3.4", "-2.9", "+3.4", "-1.7"), [1]),
        (("+3.4", "-2.9"), [1]),
        (("+2.4", "=1.9", "+3.4"), [0]),  # discharged in between
    ],
)
def test_a_part_of_a_charge_that_a_later_step_goes_on_with_is_none_that_ends_too_early(
    steps: tuple[str, ...], told: list[int]
) -> None:
    """Formation begins slowly and goes on faster; a discharge ends slowly."""
    assert early(currents(*steps)) == [f"steps.step{number}.until.voltage" for number in told]
    looped = {"name": "loop", "kind": "loop", "count": 3, "steps": currents(*steps)}
    again = [f"steps.loop.steps.step{number}.until.voltage" for number in told]
    if steps[0][0] != steps[-1][0]:  # else the second pass goes on with it
        assert early([looped]) == again


@pytest.mark.parametrize(
    ("current", "end", "told"),
    [("-C/20", "1.9 V", False), ("-C/20", "3.3 V", True), ("C/20", "1.9 V", True), ("C/20", "3.3 V", False)],
)
def test_a_guard_beyond_the_end_of_the_next_step_is_no_reason_to_doubt_it(
    current: str, end: str, told: bool
) -> None:
    """Half a discharge, with a cut_short below the end of the other half, is how a state is made for a spectrum."""
    sign = "-" if current[0] == "-" else ""
    guard = {"voltage": "1.5 V" if sign else "3.6 V"}
    first = {"name": "half", "kind": "constant_current", "current": f"{sign}C/10", "cut_short": guard}
    step = {"name": "rest_of_it", "kind": "constant_current", "current": current, "until": {"voltage": end}}
    steps = currents("+3.4") if sign else []
    steps += [first | {"until": {"capacity": "40 %"}}, REST, step | LIMITS]
    data = to_data(load_protocol("full-cell")) | {"aliases": {}, "steps": steps}
    found = check(Protocol.model_validate(data), load_cell("nbh"))
    passed = [one.code for one in found if one.field == "steps.rest_of_it.until.voltage"]
    assert bool([code for code in passed if "passed" in code]) == told
    assert not [one for one in found if one.grade == "error"]  # behind which nothing is told


def test_of_a_staircase_only_the_last_voltage_may_be_too_early() -> None:
    stairs = currents("+9")[0] | {"until": {"voltage": "$v"}}
    up = {"name": "up", "kind": "loop", "steps": [stairs]}
    back = currents("-1.7", "-1.6")[2:]
    assert early([up | {"over": {"v": ["2.1 V", "2.6 V", "3.4 V"]}}, *back]) == []
    assert early([up | {"over": {"v": ["2.1 V", "2.3 V", "2.6 V"]}}, *back]) == [
        "steps.up.steps.step0.until.voltage"
    ]
    assert early([up | {"over": {"v": ["2.1 V", "2.3 V", "2.6 V"]}}, *currents("+3.4"), *back]) == []
