"""A run that goes on where another one ended: against the same done in one run."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from solbench.acquisition.record.correcting.corrections import correct, with_header
from solbench.acquisition.record.journal import Damage
from solbench.acquisition.record.reader import open_run
from solbench.analysis.history import beginning as beginning_module
from solbench.analysis.history.beginning import beginning_of
from solbench.analysis.history.life import life_of
from solbench.analysis.summary import summarise
from solbench.protocols import dump_protocol, load_cell, parse_protocol
from solbench.protocols.errors import BadInput
from solbench.protocols.settings import with_settings
from tests.acquisition.runs import RUNS_0_1, quiet_bench, request, seen_run
from tests.tiers import few

NPS = load_cell("nps")
HEAD = """
name: NAME
build: half
conditions: {temperature: 25 degC, stack_pressure: unknown, cell_id: c7}
record: {every: 5 s}
steps:
"""
FILL = """
  - name: fill
    kind: constant_current
    current: -4 mA/cm2
    until: {capacity: 8 %}
    spectra_at: [0 %, 25 %, 50 %, 100 %]
    rest: {time: 90 s}
    spectrum: {from: 100 kHz, to: 1 kHz, points_per_decade: 4, amplitude: 10 mV, integration: 0.1 s}
"""
EMPTY = "  - {name: empty, kind: constant_current, current: 4 mA/cm2, until: {voltage: 1.0 V}}\n"
PLAIN = "  - {name: fill, kind: constant_current, current: -4 mA/cm2, until: {capacity: 4 %}}\n"
AT_REST = "  - {name: rest, kind: rest, time: 90 s}\n"


def test_what_is_done_in_two_runs_is_as_if_done_in_one(tmp_path: Path) -> None:
    bench = quiet_bench(noise_scale=0.2)
    whole = HEAD + FILL + EMPTY
    at_once = seen_run(request(tmp_path / "once.h5", whole.replace("c7", "c8"), "nps", bench))
    first = seen_run(request(tmp_path / "first.h5", HEAD + PLAIN + AT_REST, "nps", bench))
    assert first.result is not None
    assert first.result.completed, first.result.reason
    found = {
        one: beginning_of(one, tmp_path, parse_protocol(whole, "t"), NPS, simulated=True)
        for one in (str(tmp_path / "first.h5"), "c7")
    }
    assert len({(one.passed_C, one.open_circuit_V) for one in found.values()}) == 1
    begun = found["c7"]
    assert begun.passed_C[0] == pytest.approx(first.truth.charge_C, rel=1e-4)
    protocol = with_settings(parse_protocol(whole, "t"), begun.settings("c7"))
    second = seen_run(request(tmp_path / "second.h5", protocol, "nps", bench))
    assert second.result is not None
    assert second.result.completed, second.result.reason
    assert first.truth.charge_C + second.truth.charge_C == pytest.approx(at_once.truth.charge_C, rel=0.02)
    one, two = (summarise(open_run(tmp_path / name)) for name in ("once.h5", "second.h5"))
    states = [spectrum.areal_capacity_mAh_cm2 for spectrum in one.spectra]
    assert [spectrum.areal_capacity_mAh_cm2 for spectrum in two.spectra] == pytest.approx(
        states[2:], rel=1e-3
    )
    assert [s.dc_voltage_V for s in two.spectra] == pytest.approx(
        [s.dc_voltage_V for s in one.spectra[2:]], abs=0.01
    )
    assert two.coulombic_efficiency[0] == pytest.approx(one.coulombic_efficiency[0], rel=0.02)
    life = life_of("c7", tmp_path)
    assert len(life.cycles) == 1
    assert life.cycles[0].first_mAh_cm2 == pytest.approx(states[-1], rel=1e-3)
    assert life.cycles[0].efficiency == pytest.approx(one.coulombic_efficiency[0], rel=0.02)
    correct(
        tmp_path / "second.h5",
        open_run(tmp_path / "second.h5").recorded,
        ["temperature=26 degC", "tin_mass=1.4 mg"],
        "E. Example",
        "typed wrong",
    )
    assert summarise(open_run(tmp_path / "second.h5")).coulombic_efficiency == two.coulombic_efficiency
    refused = (
        (protocol, load_cell("nbh"), True, "of 'nbh'"),
        (with_settings(protocol, ["conditions.cell_id=c9"]), NPS, True, "'c9'"),
        (protocol, NPS, False, "simulated"),
    )
    for changed, record, simulated, words in refused:
        with pytest.raises(BadInput, match=words):
            beginning_of(str(tmp_path / "first.h5"), tmp_path, changed, record, simulated=simulated)


@few("seed", range(3), 1)
def test_a_damaged_run_counts_until_a_later_one_says_what_has_passed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    draw, plain = random.Random(seed), open_run(RUNS_0_1 / "short.h5")
    header = plain.header
    protocol = parse_protocol(header.protocol.text, "t")
    for setting in ("conditions.state_of_charge=50 %", 'conditions.history=["-1 mAh/cm2"]'):
        text = dump_protocol(with_settings(protocol, [setting]))
        conditions = parse_protocol(text, "t").conditions
        said = {"history": conditions.history, "state_of_charge": conditions.state_of_charge}
        new = replace(
            header,
            conditions=replace(header.conditions, **said),
            protocol=replace(header.protocol, text=text),
        )
        knows = replace(plain, events=with_header(plain.events, new))
        (passed_C,) = beginning_module._before(knows)
        for _ in range(15):
            parts = [
                (draw.choice([plain, knows]), draw.random() < 0.3, draw.uniform(-3.0, -1.0)) for _ in range(5)
            ]
            life = [(replace(run, damage=Damage(9, 0) if bad else None), [C]) for run, bad, C in parts]
            monkeypatch.setattr(beginning_module, "passed_in", lambda _cell, _folder, life=life: life)
            last = max((place for place, part in enumerate(parts) if part[0] is knows), default=-1)
            counted = parts[max(last, 0) :]
            if any(bad for _, bad, _ in counted):
                with pytest.raises(BadInput, match="damaged at record 9"):
                    beginning_of("a-cell", tmp_path, protocol, load_cell(header.cell.name), simulated=None)
                continue
            found = beginning_of("a-cell", tmp_path, protocol, load_cell(header.cell.name), simulated=None)
            whole = sum(C for _, _, C in counted) + (passed_C if last >= 0 else 0.0)
            assert sum(found.passed_C) == pytest.approx(whole)
