"""Names of run files: whatever is typed or scanned, a name is one that every system takes."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.record.beside.file_names import FIELDS, TEMPLATE, file_name, name_for
from solbench.protocols import load_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.settings import with_settings

VALUES = ("cell_id", "record", "protocol", "step", "operator")
NOW = datetime(2026, 9, 30, 8, 5)


def named(template: str, **values: str) -> str:
    given = dict.fromkeys(VALUES, "") | values
    return file_name(template, NOW, **given)


@settings(max_examples=20)
@given(
    st.lists(st.sampled_from([f"{{{name}}}" for name in FIELDS] + ["_", "-", " ", "x", "/", "\u00e9"])),
    st.tuples(*[st.text(max_size=40)] * 5),
)
def test_any_name_is_of_letters_digits_and_two_signs(parts: list[str], values: tuple[str, ...]) -> None:
    name = named("".join(parts), **dict(zip(VALUES, values, strict=True)))
    assert len(name) <= 120
    assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?", name), name


def test_what_is_empty_leaves_no_gap() -> None:
    assert named("{date}_{operator}_{cell}", cell_id="N 12") == "20260930_N-12"
    assert named("{operator}") == "run"
    assert named(TEMPLATE, record="nbh", protocol="half-cell") == "20260930-0805_nbh_half-cell"
    assert named("{operator}", operator="J\u00fcrgen Wei\u00df") == "Jurgen-Weiss"


@pytest.mark.parametrize(
    "template", ["{cel}", "{}", "{date", "date}", "{date:%Y}", "{cell!r}", "{date.year}"]
)
def test_a_template_that_cannot_be_used_is_refused_in_words(template: str) -> None:
    with pytest.raises(BadInput, match="template"):
        named(template)


def test_a_protocol_names_its_run() -> None:
    protocol = with_settings(load_protocol("half-cell"), ["conditions.operator=KL", "conditions.cell_id=N7"])
    assert name_for("{cell}_{operator}_{step}_{record}", NOW, protocol, "nps") == "N7_KL_sodiation_nps"
