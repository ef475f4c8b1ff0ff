"""unicycler protocols, as aurora-unicycler writes them, become protocols that can be run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aurora_unicycler as au
import pytest

from solbench.analysis.exports.unicycler import to_unicycler
from solbench.analysis.imports.unicycler import read_unicycler
from solbench.protocols import BadInput, check, dump_protocol, load_cell, load_protocol, parse_protocol, plan
from solbench.protocols.protocol import to_data

SAFETY = {"max_voltage_V": 3.6, "min_voltage_V": 1.5, "max_current_mA": 5, "min_current_mA": -5}


def written(folder: Path, method: list[Any], **others: Any) -> Path:
    """A file that aurora-unicycler itself has made of the given steps."""
    data = {
        "unicycler": {"version": "0.4.0"},
        "sample": {"name": "$NAME", "capacity_mAh": others.pop("capacity_mAh", None)},
        "record": others.pop("record", {"time_s": 10, "voltage_V": 0.01}),
        "safety": others.pop("safety", SAFETY),
        "method": method,
    }
    path = folder / "cycling.json"
    path.write_text(au.CyclingProtocol.from_dict(data).model_dump_json())
    return path


def test_a_cycling_protocol(tmp_path: Path) -> None:
    method = [
        {"step": "open_circuit_voltage", "until_time_s": 600},
        {"step": "tag", "tag": "cycle"},
        {"step": "constant_current", "rate_C": "C/10", "until_voltage_V": 3.4},
        {"step": "constant_voltage", "voltage_V": 3.4, "until_rate_C": 0.05, "until_time_s": 3600},
        {"step": "constant_current", "rate_C": "D/5", "until_voltage_V": 1.7, "until_time_s": 36000},
        {"step": "loop", "loop_to": "cycle", "cycle_count": 3},
        {
            "step": "impedance_spectroscopy",
            "amplitude_V": 0.03,
            "start_frequency_Hz": 1e6,
            "end_frequency_Hz": 1,
            "points_per_decade": 6,
        },
    ]
    protocol, losses = read_unicycler(written(tmp_path, method, capacity_mAh=0.5), "full")
    rest, loop, spectrum = to_data(protocol)["steps"]
    assert rest["time"] == "600 s"
    assert loop["count"] == 3
    charge, hold, discharge = loop["steps"]
    assert (charge["current"], charge["until"]) == ("0.05 mA", {"voltage": "3.4 V"})
    assert (hold["voltage"], hold["current_limit"]) == ("3.4 V", "5 mA")
    assert hold["until"] == {"current": "0.025 mA", "time": "3600 s"}
    assert (discharge["current"], discharge["until"]) == ("-0.1 mA", {"voltage": "1.7 V", "time": "36000 s"})
    assert (spectrum["from"], spectrum["to"], spectrum["points_per_decade"]) == ("1000000 Hz", "1 Hz", 6)
    assert to_data(protocol)["safety"] == {
        "voltage_min": "1.5 V",
        "voltage_max": "3.6 V",
        "current_max": "5 mA",
    }
    assert to_data(protocol)["record"] == {"every": "10 s", "voltage_change": "0.01 V"}
    assert parse_protocol(dump_protocol(protocol), "again") == protocol
    assert [f for f in check(protocol, load_cell("nbh")) if f.grade == "error"] == []
    assert "taken as rms" in losses.as_text("")


def test_without_a_capacity_rates_stay_rates(tmp_path: Path) -> None:
    method = [{"step": "constant_current", "rate_C": "D/5", "until_voltage_V": 1.7}]
    protocol, losses = read_unicycler(written(tmp_path, method), "full")
    assert protocol.steps[0].current.kind == "C-rate"  # type: ignore[union-attr]
    assert protocol.steps[0].current.value * 3600 == pytest.approx(-0.2)  # type: ignore[union-attr]
    assert "capacity of the build" in losses.as_text("")


def test_loops_by_number_may_nest(tmp_path: Path) -> None:
    wait = {"step": "open_circuit_voltage", "until_time_s": 1}
    two, three, four = ({**wait, "until_time_s": time_s} for time_s in (2, 3, 4))
    inner = {"step": "loop", "loop_to": 2, "cycle_count": 3}  # counted from 1: two and three
    outer = {"step": "loop", "loop_to": 1, "cycle_count": 2}
    method = [wait, two, three, inner, outer, four]
    protocol, _ = read_unicycler(written(tmp_path, method), "half")
    times = [segment.at_most_s for segment in plan(protocol, load_cell("nbh").build("half"))]  # type: ignore[union-attr]
    assert times == [1, *[2, 3] * 3, 1, *[2, 3] * 3, 4]


@pytest.mark.parametrize("name", ["full-cell", "symmetric-cell"])
def test_what_was_exported_comes_back(tmp_path: Path, name: str) -> None:
    """Out and in again: the same segments but for what is told as lost."""
    protocol = load_protocol(name)
    build = load_cell("nbh").build(protocol.build)
    path = tmp_path / "out.json"
    written, losses = to_unicycler(protocol, build)
    path.write_text(json.dumps(written))
    back, _ = read_unicycler(path, protocol.build)
    there, here = (list(plan(p, build)) for p in (protocol, back))
    assert len(there) == len(here)
    for one, other in zip(there, here, strict=True):
        assert type(one) is type(other)
        assert getattr(one, "current_A", 0.0) == pytest.approx(getattr(other, "current_A", 0.0), rel=1e-11)
        ends = [getattr(s, "ends", ()) for s in (one, other)]
        kept = [[(e.quantity, e.value) for e in those if e.outcome != "cut_short"] for those in ends]
        assert kept[0] == kept[1]
        is_bounded = any(e.outcome == "cut_short" for e in ends[0])
        assert not is_bounded or [field for field, _ in losses.entries if field.endswith(".cut_short")]


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    method = [
        {"step": "open_circuit_voltage", "until_time_s": 1},
        {"step": "voltage_scan", "start_voltage_V": 0, "end_voltage_V": 1, "scan_rate_mV_per_s": 1},
        {
            "step": "impedance_spectroscopy",
            "amplitude_mA": 1,
            "start_frequency_Hz": 1,
            "end_frequency_Hz": 1e5,
        },
        {
            "step": "impedance_spectroscopy",
            "amplitude_V": 0.01,
            "start_frequency_Hz": 1,
            "end_frequency_Hz": 1e5,
        },
    ]
    safety = {**SAFETY, "min_current_mA": -3, "max_capacity_mAh": 1, "delay_s": 2}
    protocol, losses = read_unicycler(written(tmp_path, method, safety=safety), "half")
    said = losses.as_text("")
    assert [step.kind for step in protocol.steps] == ["rest", "impedance", "impedance"]
    by_current, by_voltage = to_data(protocol)["steps"][1:]
    assert (by_current["control"], by_current["amplitude"]) == ("current", "1 mA")
    assert ("control" in by_voltage, by_voltage["amplitude"]) == (False, "0.01 V")
    for words in ("method[2]: a voltage scan", "LEFT OUT"):
        assert words in said
    for words in ("goes downwards", "safety.max_capacity_mAh", "safety.delay_s", "the smaller one was taken"):
        assert words in said
    assert to_data(protocol)["safety"]["current_max"] == "3 mA"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", ["not JSON"]),
        ("[]", ["no 'method'"]),
        ('{"method": [{"step": "dance"}]}', ["method[1].step", "no step 'dance'"]),
        ('{"method": [{"step": "open_circuit_voltage"}]}', ["method[1].until_time_s", "missing"]),
        ('{"method": [{"step": "open_circuit_voltage", "until_time_s": "x"}]}', ["'x' is not a number"]),
        ('{"method": [{"step": "loop", "loop_to": "a", "cycle_count": 2}]}', ["no earlier step or tag 'a'"]),
        ('{"method": [{"step": "constant_current", "rate_C": "fast"}]}', ["'fast' is not a rate"]),
        ('{"method": [{"step": "constant_current", "until_time_s": 1}]}', ["neither rate_C nor current_mA"]),
        (
            '{"method": [{"step": "constant_voltage", "voltage_V": 1, "until_time_s": 1}]}',
            ["safety.max_current_mA", "Add max_current_mA"],
        ),
        (
            '{"method": [{"step": "voltage_scan", "start_voltage_V": 0, "end_voltage_V": 1}]}',
            ["no step of it can be carried out"],
        ),
        (
            '{"method": [{"step": "open_circuit_voltage", "until_time_s": 1}, {"step": "tag", "tag": "a"},'
            '{"step": "open_circuit_voltage", "until_time_s": 1}, {"step": "loop", "loop_to": 1, "cycle_count": 2},'
            '{"step": "loop", "loop_to": "a", "cycle_count": 2}]}',
            ["method[5]", "intersects"],
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_words(tmp_path: Path, text: str, words: list[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(BadInput) as caught:
        read_unicycler(path, "half")
    said = str(caught.value)
    assert str(path) in said
    assert [word for word in words if word not in said] == []
