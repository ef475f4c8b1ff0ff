"""api.md names everything that is published; how it is made from signatures and docstrings."""

from __future__ import annotations

import re
from enum import Enum
from functools import cached_property
from typing import Literal

import pytest
from docs import make_api_page as maker

from solbench import acquisition, analysis, drivers, fitting, protocols, simulators
from solbench.drivers import roles
from solbench.protocols.kinds.registry import STEP_KINDS

PAGE = maker.PAGE.read_text(encoding="utf-8")


def _chapter(name: str) -> set[str]:
    (text,) = re.findall(rf"^## {re.escape(name)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return set(re.findall(r"^### (\S+)$", text, re.M))


@pytest.mark.parametrize("room", [acquisition, analysis, drivers, fitting, protocols, simulators])
def test_every_published_name_is_on_the_page_and_no_other(room: object) -> None:
    published = set(vars(room)["__all__"])
    assert _chapter(vars(room)["__name__"]) == published, "run: python docs/make_api_page.py"


def test_roles_and_steps_are_on_the_page() -> None:
    assert {"DcBench", "ImpedanceBench", "Gauge", "Reading"} <= _chapter(roles.__name__)
    models = {kind.model.__name__ for kind in STEP_KINDS.values()}
    assert _chapter("solbench.protocols.kinds.registry") == models, "run: python docs/make_api_page.py"


class _Mode(Enum):
    """How."""

    SLOW = "slow"


class _Thing:
    """What it is; R < 1 ohm."""

    def turn(self, angle_deg: float, twice: bool = False) -> float:
        """Turn it; raises ValueError
        beyond 90."""
        return angle_deg * (1 + twice)

    @cached_property
    def size_m(self) -> float:
        """Get how large it is."""
        return 1.0

    def _hidden(self) -> None:
        """Do nothing that anybody needs."""


def test_an_entry_has_the_signature_the_docstring_and_the_members() -> None:
    entry = maker._entry("Thing", _Thing)
    assert "What it is; R < 1 ohm." in entry
    text = maker._entry("turn", _Thing.turn)
    assert "turn(self, angle_deg: float, twice: bool = False) -> float" in text
    assert "| `SLOW` | `'slow'` |" in maker._entry("Mode", _Mode)
    assert "_hidden" not in entry
    assert "| `size_m` | Get how large it is. |" in entry
    assert "| `turn(angle_deg, twice)` | Turn it; raises ValueError beyond 90. |" in entry


def test_the_page_is_the_same_each_time_and_names_no_place_in_memory() -> None:
    assert "0x" not in PAGE
    assert (
        maker._plain("a: solbench.fitting.x.Fit | None = <function f at 0x7f2055f85440>")
        == "a: Fit | None = ..."
    )
    assert maker._plain("x: float = 1.05") == "x: float = 1.05"
    assert maker._plain(f"x: Rules = Rules({'a=1.0, ' * 20})") == "x: Rules = ..."


def _turned(by: Literal["left", "right"] = "left", *, note: str = "", times: float = 1.0) -> None:
    """Turn."""


def test_a_signature_is_what_python_would_take() -> None:
    (line,) = maker._signature("turned", _turned)
    assert (
        line == "turned(by: Literal['left', 'right'] = 'left', *, note: str = '', times: float = 1.0) -> None"
    )
