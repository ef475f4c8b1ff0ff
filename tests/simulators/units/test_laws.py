"""Laws draw within what they say and say what they draw."""

from __future__ import annotations

from random import Random

import pytest

from solbench.simulators.units.laws import Choice, Each, Error, Fixed, LogUniform, Uniform


def test_a_logarithmic_law_gives_each_decade_as_much():
    source, law = Random(3), LogUniform(1.0, 100.0)
    drawn = [law.draw(source) for _ in range(2000)]
    assert all(1.0 <= value <= 100.0 for value in drawn)
    assert sum(value < 10.0 for value in drawn) == pytest.approx(1000, abs=110)
    assert law.typical == pytest.approx(10.0)


def test_a_group_draws_each_for_itself():
    law = Each((Uniform(0.0, 1.0), Uniform(0.0, 1.0), Fixed(5.0)))
    first, second, third = law.draw(Random(1))
    assert first != second
    assert third == 5.0
    assert law.typical == (0.5, 0.5, 5.0)


@pytest.mark.parametrize(
    ("law", "words"),
    [
        (Uniform(1e-9, 2e-9), "1e-09 to 2e-09"),
        (LogUniform(1.0, 10.0), "1 to 10, logarithmic"),
        (Error(3e-4), "0 +- 0.0003"),
        (Choice(("EOI", "LF"), (0.75, 0.25)), "EOI (75%), LF (25%)"),
        (Each((Error(1e-3), Error(1e-3))), "each 0 +- 0.001"),
        (Each((Fixed(1.0), Error(1e-3))), "1; 0 +- 0.001"),
    ],
)
def test_a_law_says_what_it_is(law, words):
    assert law.words == words
