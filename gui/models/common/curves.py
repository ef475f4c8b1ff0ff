"""Named curves for a plot, and the same as a table: what is shown can always be written down."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from solbench.analysis.exports.spreadsheet import write_csv
from solbench.gui.models.common.arrays import Array


@dataclass(frozen=True, eq=False)
class Curve:
    """A curve: its name, what x and y are (with units), values; `place` of `count` runs or states in one plot.

    `label` stands in a legend, where curves of one label have one entry; without it the name does. `references` are
    the x of points that are zero by definition, `at` words that a cursor adds at each point. `right`: y belongs to a
    second axis. `state` of `states`: which of the states of its run it shows.
    """

    name: str
    x_name: str
    y_name: str
    x: Array
    y: Array
    place: int = 0
    count: int = 1
    points: bool = False
    label: str = ""
    references: tuple[float, ...] = ()
    at: tuple[str, ...] = ()
    right: bool = False
    state: int = 0
    states: int = 1


def as_table(curves: Sequence[Curve], between: str = ",") -> str:
    """Write curves side by side, two columns each named "what (unit)"; several are led by their own names.

    Point decimals, `between` columns a comma or, for the cells of a spreadsheet, a tab; as many digits as a value has,
    nine at most; short curves end in empty fields.
    """
    out = io.StringIO()
    header: list[str] = []
    columns: list[Array] = []
    for curve in curves:
        lead = f"{curve.name}: " if curve.name and len(curves) > 1 else ""
        header += [lead + curve.x_name, lead + curve.y_name]
        columns += [curve.x, curve.y]
    write_csv(out, [header, *zip_longest(*map(_texts, columns), fillvalue="")], between)
    return out.getvalue()


def _texts(values: Array) -> list[str]:
    """Write values; those that were kept in single precision without the digits that it adds."""
    single = values.astype(np.float32)
    short = bool(np.array_equal(single.astype(np.float64), values, equal_nan=True))
    shown = map(float, map(str, single)) if short else values
    return [f"{value:.9g}" if np.isfinite(value) else "" for value in shown]


def told_apart(names: Sequence[str], most: int) -> list[str]:
    """Shorten names to `most` letters where that leaves them different; else as far as it does.

    The middle goes first; where names differ in the middle alone, their common beginning goes.

    >>> told_apart(["a-long-name-01", "a-long-name-02"], 8)
    ['a-l…e-01', 'a-l…e-02']
    >>> told_apart(["a long run 1 half 1", "a long run 2 half 1", "b half 1"], 8)
    ['a long …1 half 1', 'a long …2 half 1', 'b half 1']
    """
    common = next((n for n, letters in enumerate(zip(*names, strict=False)) if len(set(letters)) > 1), 0)
    ways: tuple[Callable[[str], str], ...] = (str, lambda name: f"…{name[common:]}" if common > 1 else name)
    for length in range(most, max(map(len, names), default=0)):
        for way in ways:
            shorter = [name if len(name) <= length else _without_middle(way(name), length) for name in names]
            if len(set(shorter)) == len(set(names)):
                return shorter
    return list(names)


def _without_middle(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = most // 2
    return f"{text[: most - end - 1]}…{text[len(text) - end :]}"


def within(curve: Curve, x_range: Sequence[float], y_range: Sequence[float]) -> Curve | None:
    """Keep the part of a curve in view (of a line all between its first and last point there), None if none is."""
    inside = (curve.x >= x_range[0]) & (curve.x <= x_range[1])
    inside &= (curve.y >= y_range[0]) & (curve.y <= y_range[1])
    places = np.flatnonzero(inside)
    if len(places) == 0:
        return None
    if not curve.points:
        places = np.arange(places[0], places[-1] + 1)
    return Curve(
        curve.name, curve.x_name, curve.y_name, curve.x[places], curve.y[places], points=curve.points
    )
