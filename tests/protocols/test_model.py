import pytest

from solbench.protocols import BadInput, load_protocol, with_settings
from solbench.protocols.model import join, meant, user_path


def test_a_misspelt_word_is_answered_with_the_one_that_is_closest_or_all() -> None:
    assert meant("Volatge", ["voltage", "current"]) == "Did you mean 'voltage'? There are: current, voltage"
    assert meant("colour", ["voltage"]) == "There are: voltage"
    assert meant("colour", []) == "There are none"


def test_a_place_is_written_with_steps_by_name() -> None:
    data = {"steps": [{"name": "a", "kind": "rest"}, {"kind": "rest"}]}
    assert user_path(("steps", 0, "rest", "time"), data) == "steps.a.time"
    assert user_path(("steps", 1, "rest", "time"), data) == "steps[2].time"
    assert join("", "a") == join("a", "") == "a"


@pytest.mark.parametrize(
    ("setting", "parted"),
    [
        ("spectra=[0 %, 12,5 %, 50 %]", True),
        ("steps.sodiation.spectra_at=[0,5 %]", True),
        ("spectra=[0 %, 12, 50 %]", True),  # or the unit is missing: both are said
        ("spectra=[12,5, 37,5]", True),
        ("spectra=[1,234,5 mAh]", True),
        ("spectra=[0 %, 12.5, 50 %]", False),
        ("spectra=[0 %, 12]", False),
        ("steps.sodiation.current=-1", False),
    ],
)
def test_a_decimal_comma_in_a_list_is_named_beside_the_missing_unit(setting: str, parted: bool) -> None:
    """[0,5 mA] is 0 and '5 mA' in YAML; the cure was to write '0 mA'."""
    with pytest.raises(BadInput) as refused:
        with_settings(load_protocol("half-cell"), [setting])
    assert "has no unit" in refused.value.message
    assert ("if a decimal comma is meant, write a decimal point" in refused.value.cure) is parted


def test_a_decimal_comma_in_a_series_is_named_too() -> None:
    with pytest.raises(BadInput, match="decimal point"):
        with_settings(load_protocol("critical-current-density"), ["currents=[0,2 mA/cm2, 0,4 mA/cm2]"])
