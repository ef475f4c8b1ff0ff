"""The page shows each bench, marks what is unknown or old, and lets nothing of a name be read as HTML."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from solbench.cli.board.page import page

NOW = datetime(2026, 11, 29, 12, 0, 0, tzinfo=UTC)
STATE = {
    "bench": "bench 1",
    "host": "pc",
    "cell": "connected",
    "state": "running",
    "protocol": "half-cell",
    "record": "nbh",
    "voltage_V": 0.98765,
    "current_A": -1.2561e-4,
    "at": "2026-11-29T11:59:58+00:00",
    "simulated": True,
    "alarms": ["<lead>"],
}
ANY = st.none() | st.text() | st.floats() | st.lists(st.text())


def test_what_a_person_looks_for_is_there() -> None:
    text = page({"a": STATE}, NOW)
    for word in (
        "bench 1",
        "connected",
        "0.9877 V",
        "-125.61 uA",
        "SIMULATED",
        "&lt;lead&gt;",
        "2026-11-29 11:59:58",
    ):
        assert word in text
    assert "min ago" not in text
    assert "unknown" not in text


def test_what_is_unknown_comes_into_the_title_and_what_is_old_is_marked() -> None:
    old = {**STATE, "at": "2026-11-29T11:00:00+00:00"}
    text = page({"a": {**STATE, "cell": "unknown"}, "b": old, "c": {}}, NOW)
    assert "<title>2 cells unknown - Benches" in text
    assert "60 min ago" in text


@given(
    st.dictionaries(
        st.sampled_from(sorted(STATE)), st.none() | st.text() | st.floats() | st.lists(st.text()), max_size=5
    )
)
def test_any_state_makes_a_page(state: dict[str, object]) -> None:
    state = {"bench": "<script>", **state}
    assert "<script>" not in page({"a": state}, NOW)
