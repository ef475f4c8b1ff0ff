"""Fields of nested groups, which may be missing or hold something else."""

from typing import Any

import pytest

from solbench.gui.models.common.plain import look_up, put


def test_what_is_put_is_found_in_groups_that_are_made_for_it() -> None:
    data: dict[str, Any] = {"area": "1 cm2"}
    put(data, "1 mm", "catholyte", "thickness")
    assert data == {"area": "1 cm2", "catholyte": {"thickness": "1 mm"}}
    assert look_up(data, "catholyte", "thickness") == "1 mm"
    assert look_up(data) is data


@pytest.mark.parametrize("names", [("catholyte",), ("area", "unit"), ("catholyte", "thickness", "unit")])
def test_what_is_not_there_is_none(names: tuple[str, ...]) -> None:
    assert look_up({"area": "1 cm2"}, *names) is None


@pytest.mark.parametrize("value", [None, ""])
def test_a_field_is_taken_away_and_its_group_stays(value: str | None) -> None:
    data: dict[str, Any] = {"catholyte": {"thickness": "1 mm"}}
    put(data, value, "catholyte", "thickness")
    put(data, value, "area")
    assert data == {"catholyte": {}}


def test_a_text_where_a_group_belongs_gives_way_to_it() -> None:
    data: dict[str, Any] = {"catholyte": "1 mm"}
    put(data, 0, "catholyte", "layers")
    assert data == {"catholyte": {"layers": 0}}
