"""A response that has not settled, against the same network solved in time."""

from __future__ import annotations

from cmath import exp as cexp
from math import exp, pi, sqrt

import numpy as np
import pytest

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.transient import AcMemory
from tests.simulators.conftest import Desk


def network(ohm: float, farad: float):
    """R-(R||C) of two equal resistors: its admittance, and what its current is in time from a state at rest."""

    def admittance_S(frequency_Hz):
        return 1 / (ohm + ohm / (1 + 2j * pi * frequency_Hz * ohm * farad))

    return admittance_S


def solved(ohm: float, farad: float, pieces, begin_s: float, window_s: float) -> complex:
    """Solve C v' = (e - v)/R - v/R for a voltage made of sines one after the other; correlate the current.

    pieces: (begin, frequency, amplitude rms, phase at its begin). Exact between pieces, Simpson's rule in the window.
    """
    tau_s = 0.5 * ohm * farad
    state = 0.0

    def steady(piece, time_s):
        start_s, frequency_Hz, amplitude, phase = piece
        turn = cexp(1j * (phase + 2 * pi * frequency_Hz * (time_s - start_s))) * sqrt(2) * amplitude
        return turn, 0.5 * turn / (1 + 2j * pi * frequency_Hz * tau_s)

    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        off = state - steady(piece, piece[0])[1].imag
        if following is not None:
            state = steady(piece, following[0])[1].imag + off * exp(-(following[0] - piece[0]) / tau_s)
    last = pieces[-1]
    times_s = np.linspace(begin_s, begin_s + window_s, 4001)
    waves = np.array([steady(last, float(t))[0].imag for t in times_s])
    capacitor_V = np.array([steady(last, float(t))[1].imag for t in times_s])
    capacitor_V = capacitor_V + off * np.exp(-(times_s - last[0]) / tau_s)
    current_A = (waves - capacitor_V) / ohm
    turns = np.exp(-1j * (last[3] + 2 * pi * last[1] * (times_s - last[0])))
    weights = np.ones(4001)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    integral = np.sum(weights * current_A * turns) * (times_s[1] - times_s[0]) / 3
    return complex(1j * sqrt(2) / window_s * integral)


CASES = {
    "switched on at once": [(0.0, 0.01, 0.01, 0.0)],
    "switched on at its peak": [(0.0, 0.01, 0.01, pi / 2)],
    "off for a moment": [(-500.0, 0.01, 0.01, 0.3), (0.0, 0.01, 0.0, 0.3), (0.4, 0.01, 0.01, 0.32)],
    "from a higher frequency": [(-300.0, 0.03, 0.01, 1.0), (0.0, 0.01, 0.01, 1.0 + 2 * pi * 9)],
    "a larger sine": [(-500.0, 0.01, 0.001, 2.0), (0.0, 0.01, 0.01, 2.0)],
}


@pytest.mark.parametrize("name", CASES)
def test_a_network_off_its_steady_state_is_off_as_its_equation_says(name):
    ohm, farad = 100.0, 0.1  # a corner at 16 mHz
    pieces, admittance_S = CASES[name], network(ohm, farad)
    memory = AcMemory()
    for start_s, frequency_Hz, amplitude, phase in pieces:
        memory.change(start_s, phase, 2, frequency_Hz, complex(amplitude))
    start_s, frequency_Hz, amplitude, phase = pieces[-1]
    begin_s, window_s = start_s + 1.35, 100.0
    at_begin = phase + 2 * pi * frequency_Hz * (begin_s - start_s)
    found_A = memory.error(begin_s, window_s, at_begin, admittance_S)
    steady_A = admittance_S(frequency_Hz) * amplitude
    true_A = solved(ohm, farad, pieces, begin_s, window_s)
    assert abs(true_A - steady_A) > 1e-3 * abs(steady_A)  # there is something to be found
    assert abs(found_A - (true_A - steady_A)) < 5e-5 * abs(steady_A)


def test_what_has_settled_asks_for_no_impedance():
    memory = AcMemory()
    memory.change(0.0, 0.0, 2, 1000.0, 0.01 + 0j)

    def never(frequency_Hz):
        raise AssertionError

    assert memory.error(1.35, 1.0, 0.0, never) == 0


def test_a_bench_that_goes_on_from_a_file_is_settled(tmp_path):
    settings = {
        "unit": "ideal",
        "errors": "none",
        "noise_scale": 0.0,
        "ac_transient": True,
        "analyzer": {"autorange_periods": 0.0},
    }
    description = {"kind": "dummy", "simulation": {"dummy": {**RESISTORS, "parallel_capacitance": 0.0159}}}
    path = tmp_path / "bench.world"
    first = Desk(SimulatedBench(description, settings=settings, world=path))
    first.tell("PO0", "RR5", "PV0", "PI1", "PW1")
    first.tell_fra("FR0.01", "VA1", "SI")
    first.pass_time(300.0)
    first.bench.close()
    again = Desk(SimulatedBench(description, settings=settings, world=path))
    again.fra.timeout = 1_000_000
    again.tell_fra("OT1", "OP2,1", "SO1,2", "CV0", "IS1")
    assert again.ratio() * 1000 == pytest.approx(1000 + 1000 / (1 + 1j), rel=2e-3)


RESISTORS = {"resistance": 1000.0, "parallel_resistance": 1000.0}


def toggled(corner_Hz: float, *, transient: bool, mode: str = "PO0") -> complex:
    """Switch the sine on at phase zero at the corner of R-(R||C), wait 1 s, integrate one period: Z in ohm."""
    ohm = 1000.0
    farad = 1 / (2 * pi * corner_Hz * ohm)
    part = {"resistance": ohm, "parallel_resistance": ohm, "parallel_capacitance": farad}
    bench = SimulatedBench(
        {"kind": "dummy", "simulation": {"dummy": part}},
        settings={
            "unit": "ideal",
            "errors": "none",
            "noise_scale": 0.0,
            "latency_s": 0.0,
            "ac_transient": transient,
            "analyzer": {"overhead_s": 0.0, "output_bytes_per_s": 1e12, "autorange_periods": 0.0},
        },
    )
    desk = Desk(bench)
    desk.fra.timeout = 1_000_000
    desk.tell("OT1", mode, "RR5", "PV0", "PC0", "PI1", "PW1")
    desk.tell_fra("OT1", "OP2,1", "SO1,2", "CV0", "RA1,1", "RA2,1", "IS0.01", "FR1E3", "VA1", "SI")
    desk.fra.read()
    desk.pass_time(1.0 - desk.clock.now() % 1.0)  # 1 kHz: the sine begins anew at each whole second
    desk.tell_fra("VA0", f"FR{corner_Hz:.6E}")
    desk.pass_time(100 / corner_Hz)
    desk.tell_fra("VA1")
    return desk.ratio() * 1000.0


@pytest.mark.parametrize(("corner_Hz", "off"), [(1.0, 0.0), (0.1, 0.0128), (0.01, 0.0414)])
def test_a_point_begun_too_early_is_wrong_as_worked_out_by_hand(corner_Hz, off):
    # tau' = RC/2; a sine that begins at zero leaves 0.4 of itself in the capacitor's memory and e^(-1 s/tau') of that
    # at the beginning of the integration, which takes it for sqrt(2)/T tau'/|1 + j/2| of a response of 0.632 A/V kohm:
    # e is 3.97 % at 10 mHz, and Z is off by e/(1 + e)
    steady = toggled(corner_Hz, transient=False)
    assert steady == pytest.approx(1000 + 1000 / (1 + 1j), rel=1e-3)
    early = toggled(corner_Hz, transient=True)
    assert abs(early / steady - 1) == pytest.approx(off, rel=0.03, abs=1e-4)


def test_a_galvanostat_meets_a_voltage_that_has_not_settled():
    # tau = RC = 15.9 s at 10 mHz: the sine leaves 0.5 of itself, and correlation sees
    # sqrt(2)/T sqrt(2) 0.5 e^(-1 s/tau) tau/|1 + j| = 0.1055 of R beside |Z| = 1.581 R
    steady = toggled(0.01, transient=False, mode="PO1")
    early = toggled(0.01, transient=True, mode="PO1")
    assert steady == pytest.approx(1000 + 1000 / (1 + 1j), rel=1e-3)
    assert abs(early / steady - 1) == pytest.approx(0.0667, rel=0.03)


def test_the_1260_alone_settles_too():
    part = {
        "resistance": 1000.0,
        "parallel_resistance": 1000.0,
        "parallel_capacitance": 1 / (2 * pi * 0.01 * 1e3),
    }
    found = {}
    for transient in (False, True):
        bench = SimulatedBench(
            {"kind": "dummy", "simulation": {"dummy": part}},
            settings={
                "unit": "ideal",
                "errors": "none",
                "noise_scale": 0.0,
                "wiring": "analyzer_alone",
                "analyzer": {"autorange_periods": 0.0},
                "ac_transient": transient,
            },
        )
        desk = Desk(bench)
        desk.fra.timeout = 1_000_000
        desk.tell_fra("OT1", "OP2,1", "SO1,3", "CZ0", "FR0.01", "IS1", "VA0.1")
        found[transient] = [desk.ratio(), desk.ratio()]
    assert found[False][0] == pytest.approx(1000 + 1000 / (1 + 1j), rel=1e-3)
    assert 0.01 < abs(found[True][0] / found[False][0] - 1) < 0.15
    assert abs(found[True][1] / found[False][1] - 1) < 1e-3  # by the second point it has settled
