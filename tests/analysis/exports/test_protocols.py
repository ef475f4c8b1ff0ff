"""Protocols for other programs: unicycler by aurora-unicycler itself, PyBaMM by its grammar."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
from aurora_unicycler import CyclingProtocol

from solbench.analysis.exports.formats import export_run
from solbench.analysis.exports.pybamm import as_python, to_pybamm
from solbench.analysis.exports.unicycler import to_unicycler
from solbench.protocols import load_cell, load_protocol, parse_protocol

SHIPPED = [
    ("half-cell", "half"),
    ("full-cell", "full"),
    ("symmetric-cell", "symmetric"),
    ("dc-polarization", "dc_pristine"),
    ("ionic-conductivity", "pellet"),
]
HEAD = """
name: test
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown}
record: {every: 2 s, voltage_change: 5 mV}
steps:
"""
# The grammar of PyBaMM's experiment strings: a direction, a magnitude, a time or one value, or both.
_TIME = r"\d+(\.\d+)? s"
_PYBAMM = re.compile(
    rf"Rest for {_TIME}|(Charge|Discharge) at \d+(\.\d+)? A( for {_TIME})?(( or)? until -?\d+(\.\d+)? V)?"
    rf"|Hold at -?\d+(\.\d+)? V( for {_TIME})?(( or)? until \d+(\.\d+)? A)?"
)


def translated(steps: str, build: str = "half") -> tuple[dict[str, Any], str]:
    data, losses = to_unicycler(parse_protocol(HEAD + steps, "test"), load_cell("nbh").build(build))
    CyclingProtocol.from_dict(data)
    return data, losses.as_text("")


@pytest.mark.parametrize(("protocol", "build"), SHIPPED)
def test_unicycler_takes_every_shipped_protocol(protocol: str, build: str) -> None:
    data, losses = to_unicycler(load_protocol(protocol), load_cell("nbh").build(build))
    taken = CyclingProtocol.from_dict(json.loads(json.dumps(data)))
    assert len(taken.method) == len(data["method"])
    assert losses.entries


def test_half_cell_in_unicycler(tiny: Path, tmp_path: Path) -> None:
    """0.16 mA/cm2 on 0.785 cm2 pass 0.002 mAh/cm2 in 45 s."""
    file, report = export_run(tiny, "unicycler", tmp_path)
    data = json.loads(file.read_text())
    kinds = [step["step"] for step in data["method"]]
    assert kinds == [
        "open_circuit_voltage",
        "impedance_spectroscopy",
        "constant_current",
        "open_circuit_voltage",
        "impedance_spectroscopy",
        "open_circuit_voltage",
        "constant_current",
    ]
    sodiation, desodiation = data["method"][2], data["method"][6]
    assert sodiation["current_mA"] == pytest.approx(-0.1256)
    assert sodiation["until_time_s"] == pytest.approx(45.0)
    assert desodiation == {
        "step": "constant_current",
        "current_mA": pytest.approx(0.1256),
        "until_voltage_V": 2.0,
    }
    assert data["safety"]["max_capacity_mAh"] == pytest.approx(0.002 * 0.785 * 1.02)
    assert data["sample"]["capacity_mAh"] == pytest.approx(1.366 * 0.847)
    assert data["method"][1]["start_frequency_Hz"] == 1e6
    assert data["method"][1]["points_per_decade"] == 2
    assert "end by charge" in report.read_text()
    assert "SIMULATED" in report.read_text()


def test_charge_between_spectra_adds_up() -> None:
    data, _ = to_unicycler(load_protocol("half-cell"), load_cell("nbh").build("half"))
    times = [
        step["until_time_s"]
        for step in data["method"]
        if step["step"] == "constant_current" and "until_time_s" in step
    ]
    assert len(times) == 4
    assert sum(times) * 0.1256e-3 == pytest.approx(0.95 * 1.366e-6 * 847 * 3600, rel=1e-12)


def test_loops_become_tags() -> None:
    data, _ = to_unicycler(load_protocol("full-cell"), load_cell("nbh").build("full"))
    assert [step["step"] for step in data["method"]] == [
        "open_circuit_voltage",
        "tag",
        "constant_current",
        "constant_current",
        "loop",
    ]
    assert data["method"][-1] == {"step": "loop", "loop_to": data["method"][1]["tag"], "cycle_count": 10}
    assert data["record"] == {"time_s": 10.0, "voltage_V": 0.005}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (
            "  - {name: a, kind: constant_current, current: 1 mA, until: {voltage: 0 V, time: 9 s}}",
            "0 V cannot be written",
        ),
        (
            "  - {name: a, kind: constant_current, current: 1 mA, until: {voltage: 0 V}}",
            "a time limit of 86400 s was added",
        ),
        (
            "  - {name: a, kind: constant_voltage, voltage: 1 V, current_limit: 1 mA, until: {capacity: 1 mAh}}",
            "cannot be expressed under constant voltage",
        ),
        (
            "  - {name: a, kind: constant_current, current: -1 mA, until: {time: 9 s}, cut_short: {time: 20 s}}",
            "20 s cannot be expressed",
        ),
        (
            "  - {name: a, kind: rest, slope: 1 mV/min, over: 60 s, at_least: 5 min, at_most: 1 h}",
            "maximum duration",
        ),
        (
            "  - {name: a, kind: impedance, from: 32 MHz, to: 1 kHz, points_per_decade: 4, amplitude: 30 mV, "
            "integration: 1 s, instruments: 1260}",
            "above 1e+07 Hz",
        ),
    ],
)
def test_what_unicycler_cannot_carry_is_said(steps: str, words: str) -> None:
    assert words in translated(steps)[1]


@pytest.mark.parametrize(("lowest", "limit"), [("-1 V", -2.0), ("-3 V", -5.0)])
def test_a_cut_becomes_a_safety_limit_only_where_no_other_step_goes_beyond(lowest: str, limit: float) -> None:
    steps = (
        "  - {name: a, kind: constant_current, current: -1 mA, until: {time: 9 s}, cut_short: {voltage: -2 V}}\n"
        f"  - {{name: b, kind: constant_current, current: -1 mA, until: {{voltage: {lowest}}}}}\n"
    )
    data, report = translated(steps)
    assert data["safety"]["min_voltage_V"] == limit
    assert ("left out: as a safety limit" in report) == (limit == -5.0)


def strings(nodes: Any) -> list[str]:
    return [text for node in nodes for text in ([node] if isinstance(node, str) else strings(node))]


@pytest.mark.parametrize(("protocol", "build"), SHIPPED[:4])
def test_pybamm_strings_keep_to_the_grammar(protocol: str, build: str, tmp_path: Path) -> None:
    nodes, _ = to_pybamm(load_protocol(protocol), load_cell("nbh").build(build))
    file = tmp_path / "steps.py"
    file.write_text(as_python(nodes, "a title"))
    steps = runpy.run_path(str(file))["steps"]
    assert strings(steps)
    assert [text for text in strings(steps) if not _PYBAMM.fullmatch(text)] == []


def test_half_cell_in_pybamm(tiny: Path, tmp_path: Path) -> None:
    file, report = export_run(tiny, "pybamm", tmp_path)
    rest, sodiation, *others = runpy.run_path(str(file))["steps"]
    assert rest == "Rest for 5 s"
    amperes, seconds = re.fullmatch(r"Discharge at (\S+) A for (\S+) s", sodiation).groups()  # type: ignore[union-attr]
    assert float(amperes) == pytest.approx(0.1256e-3)
    assert float(seconds) == pytest.approx(45.0)
    assert others == ["Rest for 5 s", "Rest for 10 s", "Charge at 0.0001256 A until 2 V"]
    assert "a spectrum cannot be expressed and is left out" in report.read_text()
    assert "SIMULATED" in file.read_text()


def test_nested_loops_are_repeated_in_pybamm(tmp_path: Path) -> None:
    steps = (
        "  - name: outer\n    kind: loop\n    count: 2\n    steps:\n"
        "      - {name: wait, kind: rest, time: 1 s}\n"
        "      - name: inner\n        kind: loop\n        count: 3\n        steps:\n"
        "          - {name: up, kind: constant_current, current: 1 mA, until: {time: 5 s}}\n"
    )
    nodes, _ = to_pybamm(parse_protocol(HEAD + steps, "test"), load_cell("nbh").build("half"))
    file = tmp_path / "steps.py"
    file.write_text(as_python(nodes, "nested"))
    up = "Charge at 0.001 A for 5 s"
    assert runpy.run_path(str(file))["steps"] == [("Rest for 1 s", up, up, up)] * 2
