from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.instruments.language import Refused, Translator
from solbench.simulators.instruments.solartron1260 import TABLE as TABLE_1260
from solbench.simulators.instruments.solartron1287 import TABLE as TABLE_1287

FRA = Translator(TABLE_1260, 3, lower_case=False)
PSTAT = Translator(TABLE_1287, 3, lower_case=False)


def error_of(translator: Translator, text: str) -> int:
    with pytest.raises(Refused) as caught:
        translator.translate(text)
    return caught.value.code


@pytest.mark.parametrize("text", ["OP2,1", "OP 2,1", "OP 2 , 1"])
def test_spaces_are_optional(text):
    assert FRA.translate(text) == ("OP", False, (2, 1))


@pytest.mark.parametrize("text", ["FR 1.0E+06", "FR1000000", "FR+1.0E+6", "FR1.0000000E+06"])
def test_fixed_and_exponential_floats_are_taken(text):
    assert FRA.translate(text) == ("FR", False, (1e6,))


def test_query_by_prefix_and_common_query_by_suffix():
    assert FRA.translate("?FR") == ("FR", True, ())
    assert FRA.translate("?RA2") == ("RA", True, (2,))
    assert FRA.translate("*SRE16") == ("*SRE", False, (16,))
    assert FRA.translate("*SRE?") == ("*SRE", True, ())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("XX1", 1),
        ("fr1", 1),
        ("F", 1),
        ("ER", 1),
        ("FR?", 4),
        ("FR", 2),
        ("FR1,2", 2),
        ("RA1", 2),
        ("SI1", 2),
        ("FR33E6", 3),
        ("FR5E-06", 3),
        ("RA4,1", 3),
        ("RA1,4", 3),
        ("CZ2", 3),
        ("FR1e3", 4),
        ("FR1.0.0", 4),
        ("FRnan", 4),
        ("FRinf", 4),
        ("FR1_0", 4),
        ("CZ1.0", 4),
        ("CZ-1", 4),
        ("?SI", 5),
        ("?BK", 5),
    ],
)
def test_what_the_1260_refuses(text, code):
    assert error_of(FRA, text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [("PV15", 3), ("PC2.1", 3), ("RR9", 3), ("PW2", 3), ("?PW", 5), ("PV", 2), ("RR1,1", 2), ("ZZ0", 1)],
)
def test_what_the_1287_refuses(text, code):
    assert error_of(PSTAT, text) == code


@given(st.floats(-14.5, 14.5))
def test_a_voltage_in_the_manuals_form_arrives_within_its_digits(voltage_V):
    _, _, (got,) = PSTAT.translate(f"PV{voltage_V:+.4E}")
    assert got == pytest.approx(voltage_V, rel=5.1e-5, abs=1e-30)


@given(st.text(max_size=12))
def test_any_text_is_translated_or_refused_with_a_known_error(text):
    code = 0
    try:
        FRA.translate(text)
    except Refused as refused:
        code = refused.code
    assert code in range(6)
