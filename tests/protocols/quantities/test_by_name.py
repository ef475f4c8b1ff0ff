"""The name of a setting says which unit its value has, and a text of another kind is refused."""

from __future__ import annotations

import dataclasses
import pkgutil
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as some

import solbench.simulators.cell
from solbench.protocols.errors import FieldError
from solbench.protocols.quantities.by_name import number, to_si, unit_at_end, unit_of_noun
from solbench.protocols.quantities.quantity import parse_generic

UNITS = ("V", "A", "ohm", "s", "K", "Hz", "H", "F", "S", "Pa", "m", "")


def test_blocks_are_turned_into_si_at_any_depth() -> None:
    block = {"tail": [{"tau": "5 s", "r": "10 ohm"}], "n": 0.8, "on": True, "label": "fresh", "e": "0.35 eV"}
    assert to_si(block) == {
        "tail": [{"tau": 5.0, "r": 10.0}],
        "n": 0.8,
        "on": True,
        "label": "fresh",
        "e": 0.35 * 1.602176634e-19,
    }
    with pytest.raises(FieldError) as caught:
        to_si({"tail": [{"tau": "5 sec"}]})
    assert caught.value.field == "tail[1].tau"


def keys_of_cells() -> set[tuple[str, str]]:
    """Return what the simulated cells ask for: each key with an example."""
    modules = [
        import_module(found.name)
        for found in pkgutil.walk_packages(solbench.simulators.cell.__path__, "solbench.simulators.cell.")
    ]
    kinds = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    fields = [field for kind in kinds if dataclasses.is_dataclass(kind) for field in dataclasses.fields(kind)]
    return {(one.metadata["key"], one.metadata["example"]) for one in fields if "key" in one.metadata}


def test_the_words_of_a_simulated_cell_have_the_units_of_its_examples() -> None:
    written = [(key, text) for key, text in keys_of_cells() if " " in text and not text.startswith("[")]
    assert len(written) > 40
    for key, text in written:
        assert unit_of_noun(key), key
        assert to_si({key: text})[key] == parse_generic(text)
    without = [key for key, text in keys_of_cells() if " " not in text]
    assert not any(unit_of_noun(key) for key in without)


@given(some.sampled_from(UNITS), some.sampled_from(UNITS), some.floats(0.1, 900.0))
def test_a_value_is_taken_in_the_unit_of_its_name_and_in_no_other(has: str, is_in: str, value: float) -> None:
    name, text = f"lead_{is_in}" if is_in else "gain_error", f"{value:.3f} {has or '%'}"
    if has == is_in:
        assert number(text, name, unit_at_end(name)) == pytest.approx(
            float(f"{value:.3f}") * (1 if has else 0.01)
        )
    else:
        with pytest.raises(FieldError) as caught:
            number(text, name, unit_at_end(name))
        assert caught.value.field == name
        assert (is_in or "a number") in str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("4 K/min", "heats_K_min", 4.0), ("0.1 K/s", "heats_K_min", 6.0), ("90 min", "loss_s", 5400.0)],
)
def test_a_rate_is_in_the_unit_of_its_name(text: str, name: str, value: float) -> None:
    assert number(text, name, unit_at_end(name)) == pytest.approx(value, rel=1e-12)


def test_degrees_celsius_are_no_difference() -> None:
    assert number("100 degC", "limit_K", "K") == 373.15
    with pytest.raises(FieldError, match="not a difference of two"):
        number("0.2 degC", "offset_K", "K", difference=True)
