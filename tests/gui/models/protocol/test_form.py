import pytest

from solbench.gui.models.protocol.form import (
    Field,
    fields_of,
    meaning,
    names_of,
    on_bench,
    problem,
    series_of,
    with_prefix,
)
from solbench.protocols import Protocol, load_cell
from solbench.protocols.cells import BuildRecord
from solbench.protocols.kinds import STEP_KINDS
from solbench.protocols.plausible import Instruments


def field(kind: str, *names: str) -> Field:
    fields, found = fields_of(STEP_KINDS[kind].model), None
    for name in names:
        found = next(item for item in fields if item.name == name)
        fields = found.fields
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("names", "kind", "required"),
    [
        (("current",), "quantity", True),
        (("until",), "group", True),
        (("cut_short",), "group", False),
        (("spectra_at",), "quantities", False),
        (("spectrum", "from"), "quantity", True),
        (("spectrum", "points_per_decade"), "count", True),
        (("spectrum", "instruments"), "choice", False),
    ],
)
def test_kinds_of_fields(names: tuple[str, ...], kind: str, required: bool) -> None:
    found = field("constant_current", *names)
    assert (found.kind, found.required) == (kind, required)


def test_choices_and_flags() -> None:
    assert field("constant_current", "spectrum", "instruments").choices == ("pair", "1260")
    assert field("dc_polarization", "both_signs").kind == "flag"
    assert field("loop", "steps").kind == "steps"


def test_hints_say_units_limits_and_an_example_that_the_field_takes() -> None:
    hint = field("constant_current", "spectrum", "amplitude").hint
    bounds = "at most 14.5 V (1287), at most 2 A (1287)"
    assert hint == f"Voltage or current, above zero, {bounds}; for example 30 mV."
    for model in (*(kind.model for kind in STEP_KINDS.values()), BuildRecord):
        for each in fields_of(model):
            if each.accepts is not None:
                assert problem(each, each.example) == "", each.name


@pytest.mark.parametrize(
    ("able", "current", "frequency"),
    [
        (Instruments(), "at most 2 A (1287)", "10 uHz to 1 MHz (1260 with 1287)"),
        (
            Instruments(source="EC301", analyzer="1255B", current_max_A=1.0),
            "at most 1 A (EC301)",
            "10 uHz to 1 MHz (1255B with EC301)",
        ),
        (
            Instruments(source="2450", current_max_A=1.0, abilities=frozenset({"standalone impedance"})),
            "at most 1 A (2450)",
            "10 uHz to 32 MHz (1260 alone)",
        ),
        (Instruments(source="2400", abilities=frozenset()), "at most 2 A (2400)", ""),
    ],
)
def test_hints_say_what_the_bench_can_do(able: Instruments, current: str, frequency: str) -> None:
    assert current in on_bench(field("constant_current", "current"), able).hint
    spectrum = on_bench(field("constant_current", "spectrum"), able)
    hint = next(item for item in spectrum.fields if item.name == "from").hint
    assert f", {frequency};" in hint if frequency else "Hz (" not in hint
    assert "1287" not in hint or able.source == "1287"


def test_a_problem_says_what_to_write() -> None:
    assert problem(field("rest", "time"), "10 V").startswith(
        "'10 V' is a voltage, not a time. Write for example"
    )
    assert problem(field("rest", "time"), "") == ""
    assert problem(field("constant_current", "current"), "") != ""
    assert problem(field("constant_current", "spectra_at"), "0 %; 50 %; 1 Hz") != ""
    assert problem(field("constant_current", "spectra_at"), "0 %; 50 %") == ""


def test_what_a_text_means_for_the_build() -> None:
    build = load_cell("nbh").build("half")
    current = field("constant_current", "current")
    assert meaning(current, "-0.16 mA/cm2", build) == "= -125.6 uA"
    assert meaning(field("constant_current", "until", "capacity"), "95 %", build) == "= 1.099 mAh"
    assert meaning(current, "10 uA", build) == ""
    assert meaning(current, "10 u", build) == ""
    assert meaning(current, "C/10", load_cell("nbh").build("pellet")) == ""


def test_prefixes() -> None:
    assert with_prefix(1e6, "Hz") == "1 MHz"
    assert with_prefix(0.99999999, "V") == "1 V"
    assert with_prefix(0.0, "A") == "0 A"


def test_names_are_read_and_half_typed_ones_stay_a_text() -> None:
    assert names_of("a = steps.x.count;b=record.every; ") == {"a": "steps.x.count", "b": "record.every"}
    for text in ("a", "a =", "= b", "a = b; a = c"):
        assert names_of(text) == text
    field = next(field for field in fields_of(Protocol) if field.name == "aliases")
    assert problem(field, "a = steps.x.count") == ""
    assert "name = path" in problem(field, "a")


def test_a_comma_behind_a_unit_parts_values_without_a_blank_and_that_of_a_decimal_does_not() -> None:
    assert series_of("c = 0,2 mA,1,5 mA, 2 mA") == {"c": ["0,2 mA", "1,5 mA", "2 mA"]}
    assert series_of("c = 0,25 mA/cm2,1 mA/cm2") == {"c": ["0,25 mA/cm2", "1 mA/cm2"]}
    assert series_of("c = 2,5 %,50 %; r = C/3,-C/2") == {"c": ["2,5 %", "50 %"], "r": ["C/3", "-C/2"]}
