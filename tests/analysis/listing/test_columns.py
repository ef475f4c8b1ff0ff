"""The columns of a list of runs: sorted by what they mean, and not by how it is written."""

from __future__ import annotations

import random
from pathlib import Path
from types import SimpleNamespace

import pytest

from solbench.analysis.listing.columns import COLUMNS, Fitted, in_order, read_columns
from solbench.analysis.listing.line import RunLine
from solbench.protocols.errors import BadInput


def drawn(draw: random.Random) -> RunLine:
    """Return a line of which anything may be unknown."""

    def perhaps(value: float) -> float | None:
        return value if draw.random() < 0.7 else None

    return RunLine(
        Path(f"{draw.choice(['b', 'A', 'a' * 200])}{draw.randrange(10**6)}.h5"),
        draw.choice(["completed", "damaged", "running"]),
        unix_s=perhaps(draw.uniform(0, 2e9)),
        cell_id=draw.choice(["", "NBH-9", "nbh-10", "x" * 200]),
        cycles=draw.choice([None, 2, 10, 9, 100]),
        length_s=perhaps(draw.uniform(0, 1e6)),
        capacity_mAh_cm2=perhaps(draw.gauss(0, 1)),
        tags=tuple(draw.sample(["one", "Two", "drei"], draw.randint(0, 3))),
    )


@pytest.mark.parametrize("seed", range(4))
def test_what_is_not_known_is_last_and_what_is_alike_stays_in_its_order(seed: int) -> None:
    draw = random.Random(seed)
    lines = [drawn(draw) for _ in range(50)]
    fits = {line.path: Fitted(r_sse_ohm=draw.choice([None, 9.0, 35.0, 1e5])) for line in lines[::2]}
    for column in COLUMNS.values():
        for down in (False, True):
            found = in_order(lines, column, fits.get, down=down)
            assert sorted(map(id, found)) == sorted(map(id, lines))
            ranks = [column.rank(line, fits.get(line.path)) for line in found]
            known = [rank for rank in ranks if rank is not None]
            assert ranks == [*known, *[None] * (len(ranks) - len(known))]
            assert known == sorted(known, reverse=down)  # type: ignore[type-var]
            alike = [lines.index(line) for line, rank in zip(found, ranks, strict=True) if rank == ranks[0]]
            assert alike == sorted(alike)
            for line in found:
                text = column.text(line, fits.get(line.path))
                assert (text == "") == (column.value(line, fits.get(line.path) or Fitted()) in (None, ""))


def test_columns_are_named_in_any_order_and_each_once() -> None:
    assert [column.name for column in read_columns(" R_SSE, tags ,r_sse,")] == ["r_sse", "tags"]
    for text in ("", " , ", "colour"):
        with pytest.raises(BadInput, match="state, started"):
            read_columns(text)


def test_what_was_fitted_is_the_same_from_a_summary_and_from_its_json() -> None:
    spectra = [{"r_sse_ohm": 3.0}, {"r_sse_ohm": None}]
    summary = {"spectra": spectra, "ionic_conductivity_S_cm": 1e-4}
    known = SimpleNamespace(**{**summary, "spectra": [SimpleNamespace(**one) for one in spectra]})
    assert Fitted.of(known) == Fitted.of(summary) == Fitted(3.0, None, 1e-4)
    assert Fitted.of({"spectra": []}) == Fitted()
