"""The bench of the unit `ideal` says what the bench of 0.1.0 said, to the last character and the last bit of truth.

The lines were recorded before there were units. `python -m tests.simulators.test_ideal` writes them anew, which only
a change of what `ideal` means can justify.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.default_cell import DESCRIPTION
from tests.simulators.conftest import Desk

RECORDED = Path(__file__).with_name("dialogues")
BLOCKING = {
    "kind": "pellet",
    "geometry": {"area_m2": 0.785e-4, "thickness_m": 500e-6},
    "electrolyte": {"ionic_conductivity_S_m": 0.0185, "electronic_conductivity_S_m": 1e-7},
    "simulation": {
        **{name: DESCRIPTION["simulation"][name] for name in ("inductance", "electrolyte")},
        "electronic": {"transient_amplitude": 1.5, "time_constant": 400.0, "double_layer_capacitance": 0.2},
    },
}


def pair(seed: int) -> list[str]:
    """Readings, spectra, resets, a sweep and dumps of the pair."""
    desk = Desk(SimulatedBench(DESCRIPTION, seed=seed, settings={"unit": "ideal"}))
    lines = [desk.fra.query("*IDN?")]
    desk.tell_fra("TT2")
    desk.pass_time(2.0)
    desk.tell("OT1", "BK3")
    desk.pass_time(0.5)
    desk.ready_to_read()
    lines += [desk.pstat.query("RU1") for _ in range(3)]
    desk.tell("PI1", "VX0", "IX0")
    desk.hold_current(-1e-4)
    for _ in range(3):
        desk.pass_time(10.0)
        lines.append(desk.pstat.query("RU1"))
    desk.tell("DG2", "RR6", "PC1E-5")
    lines.append(desk.pstat.query("RU1"))
    desk.tell("PW0", "PO0", "ON1", "RR4", "PW1", "DG0")
    lines.append(desk.pstat.query("RU1"))
    desk.tell_fra("OT1", "OP2,1", "SO1,2", "CV0", "IS0.2", "VA1")
    for hertz in ("1E6", "1E5", "3E3", "1E2", "1E0", "3E-1"):
        desk.tell_fra(f"FR{hertz}")
        lines.append(desk.fra.query("SI"))
    desk.tell("IX1", "VX1")
    desk.tell_fra("CV1", "FR1E3", "RA1,2", "MS0.5")
    lines.append(desk.fra.query("SI"))
    lines.append(f"{desk.fra.read_stb()} {desk.pstat.read_stb()} {desk.fra_error()} {desk.error()}")
    desk.tell("IX0", "VX0", "VA-1.57", "VB-1.55", "TA20", "TB20", "SM2", "SW1")
    for _ in range(3):
        desk.pass_time(7.0)
        lines.append(desk.pstat.query("RU1"))
    lines.append(desk.pstat.query("?ST"))
    desk.tell("SW0", "PW0")
    desk.tell_fra("BK")
    lines += [desk.pstat.query("RU1"), repr(desk.bench.truth.everything()), repr(desk.clock.now())]
    return lines


def alone(seed: int) -> list[str]:
    """Points of the 1260 by itself."""
    desk = Desk(SimulatedBench(BLOCKING, seed=seed, settings={"unit": "ideal", "wiring": "analyzer_alone"}))
    desk.tell_fra("OT1", "OP2,1", "SO1,3", "CZ0", "IS0.1", "VA0.1")
    lines = []
    for hertz in ("3E7", "1E6", "1E5", "1E3", "1E1"):
        desk.tell_fra(f"FR{hertz}")
        lines.append(desk.fra.query("SI"))
    desk.tell_fra("BK")
    return [*lines, repr(desk.bench.truth.everything()), repr(desk.clock.now())]


DIALOGUES = {"pair": pair, "alone": alone}


@pytest.mark.parametrize("name", DIALOGUES)
def test_the_ideal_unit_says_what_it_always_said(name):
    text = (RECORDED / f"ideal_{name}.txt").read_text(encoding="utf-8")
    assert [line.strip() for line in [*DIALOGUES[name](1), *DIALOGUES[name](2)]] == text.splitlines()


def _record() -> None:
    for name, dialogue in DIALOGUES.items():
        lines = [line.strip() for line in [*dialogue(1), *dialogue(2)]]
        (RECORDED / f"ideal_{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _record()
