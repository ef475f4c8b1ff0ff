"""Records as the journal has them: classes, keys and their order, what older and later versions wrote."""

import json
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import get_args, get_type_hints

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from solbench.acquisition.record.events import (
    KINDS,
    Alarm,
    Edge,
    Event,
    Note,
    Paused,
    RunEnd,
    Sample,
    SegmentStart,
    SpectrumAsked,
    SpectrumStart,
    Unknown,
    decode,
)
from solbench.protocols.kinds import SEGMENT_KINDS
from solbench.protocols.segments import End, Record, Rest, StepRef, Sweep
from tests.records import body, filled, record


def text(kind: str, **given: object) -> str:
    return json.dumps({"seq": 7, "kind": kind, "time_s": 1.5, **given}, separators=(",", ":"))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_is_read_as_it_was_written(kind: str) -> None:
    if kind == "segment":
        written = record(kind, 1.5, 7, segment=filled(Rest, step=StepRef(0, "a", "rest", "steps.a")))
    elif kind == "asked":
        step = StepRef(0, "", "", "")
        written = record(kind, 1.5, 7, sweep=filled(Sweep, step=step, frequencies_Hz=(1e3, 1e2)))
    else:
        written = record(kind, 1.5, 7)
    assert decode(written.json()) == written
    assert written.kind == kind


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_every_kind_can_be_anything_but_its_default(kind: str) -> None:
    """A field that is left out at its default must come back where it is not."""
    own = KINDS[kind]
    hints = get_type_hints(own)
    for field in fields(own):
        if field.metadata.get("omitted"):
            other = {bool: True, float: 2.5, int: 3, str: "x"}
            literals = [part for part in get_args(hints[field.name]) if isinstance(part, str) and part]
            parts = [part for part in (*get_args(hints[field.name]), hints[field.name]) if part in other]
            nested = [part for part in get_args(hints[field.name]) if is_dataclass(part)]
            value = other[parts[0]] if parts else literals[-1] if literals else {"limit": 60.0}
            value = filled(nested[0]) if nested else value
            mapped = [part for kind_of in get_args(hints[field.name]) for part in get_args(kind_of)]
            named = [part for part in mapped if is_dataclass(part)]
            value = {"one": filled(named[0])} if named else value
            made = Event(0, 0.0, body(kind, **{field.name: value}))
            assert f'"{field.name}":' in made.json()
            assert decode(made.json()) == made


@pytest.mark.parametrize("name", sorted(SEGMENT_KINDS))
def test_every_kind_of_segment_is_read_as_it_was_written(name: str) -> None:
    step = StepRef(3, "a", "b", "steps.a", 2)
    ends = (End("charge", 1.0, "1 mAh"), End("voltage_above", 2.0, "2 V", "cut_short"))
    some = {"record": Record(2.0, 1e-3), "ends": ends, "frequencies_Hz": (1e6, 1.0)}
    kind = SEGMENT_KINDS[name].segment
    given = {field.name: some[field.name] for field in fields(kind) if field.name in some}
    start = SegmentStart(ordinal=4, attempt=2, segment=filled(kind, step=step, **given))
    written = Event(1, 2.0, start)
    assert decode(written.json()) == written
    assert json.loads(written.json())["segment"] == name


def test_what_is_not_so_is_left_out() -> None:
    sample = Sample(step=0, segment=1, voltage_V=0.5, current_A=0.0, charge_C=-0.0, range=4)
    assert Event(3, 0.25, sample).json() == (
        '{"seq":3,"kind":"sample","time_s":0.25,"step":0,"segment":1,"voltage_V":0.5,"current_A":0.0,'
        '"charge_C":-0.0,"range":4}'
    )
    edge = Edge(action="off", connected=False, expected_A=0.0, charge_C=1.0, gap=True)
    assert Event(0, 0.0, edge).json() == (
        '{"seq":0,"kind":"edge","time_s":0.0,"action":"off","connected":false,"expected_A":0.0,"charge_C":1.0,'
        '"gap":true}'
    )


def test_a_spectrum_of_the_1260_alone_has_the_shape_of_the_pairs() -> None:
    common = {"spectrum": 1, "role": "spectrum", "amplitude_V": 0.03, "settings": {"amplitude_V": 0.03}}
    alone = body("spectrum", instruments="1260", **common)
    pair = body("spectrum", range=5, smallest_probed_ohm=313.6, **common)
    assert isinstance(alone, SpectrumStart)
    assert isinstance(pair, SpectrumStart)
    assert (alone.range, pair.instruments) == (None, "pair")
    assert list(json.loads(Event(0, 0.0, alone).json()))[3:7] == ["segment", "spectrum", "role", "fraction"]
    assert '"instruments":"1260","step_charge_C"' in Event(0, 0.0, alone).json()
    assert "instruments" not in Event(0, 0.0, pair).json()


@pytest.mark.parametrize(
    ("reason", "safe"),
    [("a fault. NOT VERIFIED SAFE: no answer", False), ("stopped by the desktop", True)],
)
def test_an_end_of_0_1_0_says_whether_the_bench_was_safe_in_its_reason_alone(reason: str, safe: bool) -> None:
    old = text("end", completed=False, outcome="fault", reason=reason, quantity="", limit=None, value=None)
    end = decode(old).body
    assert isinstance(end, RunEnd)
    assert end.verified_safe is safe


def test_an_end_of_today_says_so_itself_whatever_its_reason() -> None:
    end = body("end", reason="nothing about it", verified_safe=False)
    read = decode(Event(0, 0.0, end).json()).body
    assert isinstance(read, RunEnd)
    assert read.verified_safe is False
    misleading = body("end", reason="NOT VERIFIED SAFE", verified_safe=True)
    assert decode(Event(0, 0.0, misleading).json()).body == misleading


@pytest.mark.parametrize(
    ("reason", "by"), [("paused by the desktop", "user"), ("the disk is nearly full", "program")]
)
def test_a_pause_of_0_1_0_says_by_whom_in_its_reason_alone(reason: str, by: str) -> None:
    assert decode(text("paused", reason=reason)).body == Paused(reason=reason, by=by)
    other = "user" if by == "program" else "program"
    assert decode(text("paused", reason=reason, by=other)).body == Paused(reason=reason, by=other)


def test_alarms_and_notes_of_0_1_0_have_no_code() -> None:
    assert decode(text("alarm", text="lost")).body == Alarm(text="lost", code="", parameters=None)
    assert decode(text("note", text="hello")).body == Note(text="hello", code="")


def test_a_key_that_a_later_version_added_is_ignored() -> None:
    assert decode(text("resumed", mood="good")) == record("resumed", 1.5, 7)


def test_a_kind_that_a_later_version_added_is_kept_as_it_stands() -> None:
    found = decode(text("tide", height_m=2.0, of={"sea": "north"}))
    assert found == Event(7, 1.5, Unknown("tide", {"height_m": 2.0, "of": {"sea": "north"}}))
    assert found.json() == text("tide", height_m=2.0, of={"sea": "north"})
    step = {"index": 0, "name": "", "kind": "", "path": "", "cycle": None}
    later = text("segment", ordinal=0, attempt=1, segment="Spiral", step=step, parameters={"turns": 3})
    assert isinstance(decode(later).body, Unknown)
    assert decode(later).json() == later


@pytest.mark.parametrize("damaged", ["[]", "{}", '{"seq":0}', text("sample", voltage_V=1.0), "no json"])
def test_what_is_no_record_is_refused(damaged: str) -> None:
    with pytest.raises(ValueError, match=r"no record of a run|Expecting value"):
        decode(damaged)


def test_a_requested_spectrum_carries_its_segments_without_their_step() -> None:
    step = StepRef(2, "hold", "constant_voltage", "steps.hold")
    sweep = Sweep(step, (1e3, 1.0), 0.01, 1.0, spectrum=4, role="asked")
    written = Event(0, 0.0, SpectrumAsked(by="the desktop", step=2, rest=None, sweep=sweep)).json()
    assert "steps.hold" not in written
    read = decode(written).body
    assert isinstance(read, SpectrumAsked)
    assert read.sweep.frequencies_Hz == (1e3, 1.0)
    assert read.sweep.step.index == 2


NUMBERS = st.floats() | st.integers() | st.booleans() | st.floats().map(np.float64)


@given(
    st.tuples(*[NUMBERS] * 5), st.integers(0), st.integers(0, 8), st.booleans(), st.sampled_from(["", "V"])
)
def test_a_record_of_numbers_is_encoded_as_json_does(
    values: tuple[float, ...], step: int, number: int, deciding: bool, overload: str
) -> None:
    time_s, voltage_V, current_A, charge_C, _ = values
    sample = Sample(
        step=step,
        segment=step,
        voltage_V=voltage_V,
        current_A=current_A,
        charge_C=charge_C,
        range=number,
        deciding=deciding,
        overload=overload,
    )
    numbers = {
        "step": step,
        "segment": step,
        "voltage_V": voltage_V,
        "current_A": current_A,
        "charge_C": charge_C,
    }
    others = ({"deciding": True} if deciding else {}) | ({"overload": overload} if overload else {})
    expected = {"seq": 7, "kind": "sample", "time_s": time_s, **numbers, "range": number, **others}
    if all(map(isfinite, values[:4])):
        assert Event(7, time_s, sample).json() == json.dumps(expected, separators=(",", ":"))
    else:
        with pytest.raises(ValueError, match="JSON"):
            Event(7, time_s, sample).json()


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _PLAIN, max_size=4), st.booleans())
@example(said={"": "\ud800"}, is_ascii=False)
def test_a_record_is_read_to_the_last_digit_and_character_as_json_says(
    said: dict[str, object], is_ascii: bool
) -> None:
    """Halves of surrogate pairs among them, which a program that writes only ASCII may leave."""
    text = json.dumps(
        {"seq": 7, "kind": "of_a_later_version", "time_s": 0.1, "said": said}, ensure_ascii=is_ascii
    )
    read = decode(text).body
    assert isinstance(read, Unknown)
    expected = {"said": json.loads(text)["said"]}  # two halves that come to stand together are one character
    assert read.fields == expected
    assert repr(read.fields) == repr(expected)  # 0 is not 0.0, and not -0.0
