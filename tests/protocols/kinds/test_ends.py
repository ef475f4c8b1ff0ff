import pytest

from solbench.protocols.kinds.ends import FIELDS, never_reached, time_of
from solbench.protocols.segments import End, Outcome, Quantity


def ends(quantity: Quantity, cut: Quantity, values: tuple[float, float]) -> list[End]:
    outcomes: tuple[Outcome, Outcome] = ("step", "cut_short")
    return [
        End(kind, value, f"{value:g}", outcome)
        for kind, value, outcome in zip((quantity, cut), values, outcomes, strict=True)
    ]


@pytest.mark.parametrize(
    ("quantity", "cut", "values", "current_A", "is_found"),
    [
        ("time", "time", (10.0, 10.0), None, True),
        ("time", "time", (10.0, 11.0), None, False),
        ("voltage_below", "voltage_below", (0.1, 0.2), -1.0, True),
        ("voltage_below", "voltage_below", (0.2, 0.1), -1.0, False),
        ("voltage_above", "voltage_above", (0.1, 0.2), 1.0, False),
        ("charge", "time", (2.0, 100.0), -0.02, True),
        ("charge", "time", (2.0, 101.0), -0.02, False),
        ("time", "charge", (100.0, 1.9), 0.02, True),
        ("charge", "time", (2.0, 1.0), None, False),  # at a held voltage nobody knows the current
        ("voltage_above", "time", (2.0, 1.0), 1.0, False),
    ],
)
def test_an_end_behind_a_cut_is_found(
    quantity: Quantity, cut: Quantity, values: tuple[float, float], current_A: float | None, is_found: bool
) -> None:
    found = list(never_reached("here", "some_kind", ends(quantity, cut, values), current_A))
    expected = [("some_kind.never_reached", f"here.until.{FIELDS[quantity]}")] if is_found else []
    assert [(one.code, one.field) for one in found] == expected
    assert all(f"'{values[0]:g}'" in one.message and f"'{values[1]:g}'" in one.message for one in found)


def test_the_time_of_a_charge_is_told_in_hours() -> None:
    (found,) = never_reached("here", "k", ends("charge", "time", (7.2, 3600.0)), -1e-3)
    assert "'7.2' (2 h) can never be reached: cut_short '3600' ends the run first" in str(found)
    assert time_of(End("voltage_above", 1.0, "1 V"), 1.0) is None
