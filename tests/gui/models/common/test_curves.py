import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.gui.models.common.curves import Curve, as_table, told_apart, within

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)


def line(x: list[float], y: list[float], points: bool = False, name: str = "") -> Curve:
    return Curve(name, "time (s)", "V (V)", np.array(x), np.array(y), points=points)


def test_one_curve_is_two_columns_with_units() -> None:
    assert as_table([line([0.0, 1.5], [2.0, -0.25])]) == "time (s),V (V)\n0,2\n1.5,-0.25\n"


def test_several_curves_stand_side_by_side_and_short_ones_end_empty() -> None:
    text = as_table([line([0.0, 1.0], [2.0, 3.0], name="a"), line([5.0], [np.nan], name="b, c")])
    assert list(csv.reader(io.StringIO(text))) == [
        ["a: time (s)", "a: V (V)", "b, c: time (s)", "b, c: V (V)"],
        ["0", "2", "5", ""],
        ["1", "3", "", ""],
    ]


@given(NUMBERS)
def test_values_come_back_to_nine_digits(values: list[float]) -> None:
    rows = list(csv.reader(io.StringIO(as_table([line(values, values)]))))[1:]
    assert [float(row[1]) for row in rows] == pytest.approx(values, rel=1e-8)


def test_of_a_line_all_between_the_first_and_the_last_in_view_is_kept_of_points_only_those_in_view() -> None:
    x, y = [0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 9.0, 1.0, 0.0]
    kept = within(line(x, y), (0.5, 3.5), (0.0, 2.0))
    assert kept is not None
    assert kept.x.tolist() == [1.0, 2.0, 3.0]
    dots = within(line(x, y, points=True), (0.5, 3.5), (0.0, 2.0))
    assert dots is not None
    assert dots.x.tolist() == [1.0, 3.0]
    assert within(line(x, y), (10.0, 20.0), (0.0, 2.0)) is None


@given(st.lists(st.text("abc-", max_size=60), unique=True), st.integers(4, 30))
def test_names_that_differ_still_do_when_they_are_shortened(names: list[str], most: int) -> None:
    shorter = told_apart(names, most)
    assert len(set(shorter)) == len(names)
    assert all(short == name for short, name in zip(shorter, names, strict=True) if len(name) <= most)


def test_names_are_shortened_as_far_as_they_differ() -> None:
    names = [f"a long name of run {run}, half cycle {half}" for run in range(3) for half in (1, 2)]
    assert max(map(len, told_apart([*names, "b"], 8))) < len(names[0])
