"""Which parameters of a test every run of the tests has, and which only the long one."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def few(
    names: str | tuple[str, ...], values: Iterable[Any], daily: int | Collection[int], **how: Any
) -> pytest.MarkDecorator:
    """Parametrize a test as `pytest.mark.parametrize` does; most of the values are left to the long tests.

    `daily`: how many of the first values every run has, or the places of those that it has.
    """
    every = range(daily) if isinstance(daily, int) else daily
    values = list(values)
    assert set(every) <= set(range(len(values))), f"{names}: there are {len(values)} values, not {every}"
    is_one = isinstance(names, str) and "," not in names
    chosen = []
    for place, value in enumerate(values):
        if place not in every:
            known = value if hasattr(value, "marks") else pytest.param(*([value] if is_one else value))
            value = pytest.param(*known.values, marks=[*known.marks, pytest.mark.long], id=known.id)
        chosen.append(value)
    assert not all(_is_long(value) for value in chosen), f"{names}: no value is left for every run"
    return pytest.mark.parametrize(names, chosen, **how)


def _is_long(value: Any) -> bool:
    return any(mark.name == "long" for mark in getattr(value, "marks", ()))
