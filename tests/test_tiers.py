"""No test loses its last value to the long tests."""

from collections.abc import Collection

import pytest

from tests.tiers import few

LONG = pytest.param(1, marks=pytest.mark.long)


def test_every_run_has_the_values_that_are_named_and_the_long_tests_the_rest() -> None:
    _, values = few("value", [7, 8, 9], (1,)).args
    assert [getattr(value, "marks", ()) != () for value in values] == [True, False, True]


@pytest.mark.parametrize(
    ("values", "daily"), [([7, 8], 0), ([7, 8], ()), ([7, LONG], (1,)), ([7, 8], (2,)), ([7], 2), ([], 1)]
)
def test_a_test_without_a_value_for_every_run_is_refused(
    values: list[object], daily: int | Collection[int]
) -> None:
    with pytest.raises(AssertionError, match="value: "):
        few("value", values, daily)
