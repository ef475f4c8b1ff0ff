"""Random protocols of pulses, and of spectra at states, times and voltages, of cells that hold something or nothing.

Against the truth behind the wire: charge, impedances, states, and the times that were promised.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from solbench.acquisition.record.events import Event, Point
from solbench.acquisition.record.reader import open_run
from solbench.protocols import Protocol, check, estimate, load_cell, parse_protocol
from solbench.protocols.kinds.driven.current import ConstantCurrent
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches

NPS = load_cell("nps")
EXTRAS = (
    "",
    ", settling: 1 cycle",
    ", settled_within: 0.6 %",
    ", bands: [{below: 1 kHz, integration: 3 cycles}]",
    ", repeat_points_above: 2 %",
)


def drawn(draw: random.Random) -> Protocol:
    """Draw a protocol."""
    build = draw.choice(["half", "half_sodium", "half_hard_carbon", "full", "three_electrode"])
    fills = NPS.build(build).filling > 0
    held = draw.choice([0.0, 0.0, draw.uniform(0.05, 0.5)])
    rate, end = draw.choice([0.2, 0.5, 1.0]), held + draw.uniform(0.05, 0.3)
    current = f"{'' if fills else '-'}{rate} C"
    points = f"from: 100 kHz, to: {draw.choice(['100 Hz', '10 Hz'])}, points_per_decade: 4, amplitude: 10 mV"
    points += f", integration: {draw.choice(['0.05 s', '0.2 s', '4 cycles'])}{draw.choice(EXTRAS)}"
    fill = f"name: fill, kind: constant_current, current: {current}, until: {{capacity: {100 * end:.2f} %}}"
    way = draw.choice(["states", "times", "voltages", "pulses"])
    if way == "pulses" and not held:
        pulse = f"{{name: pulse, kind: constant_current, current: {current}, until: {{capacity: 2 %}}}}"
        rest, spectrum = "{name: rest, kind: rest, time: 60 s}", f"{{name: z, kind: impedance, {points}}}"
        step = f"{{name: pulses, kind: loop, count: 3, steps: [{pulse}, {rest}, {spectrum}]}}"
    else:
        lasts_s = (end - held) / rate * 3600.0
        marks = {
            "states": [f"{one} %" for one in sorted(draw.sample(range(101), 3))],
            "times": [f"{share * lasts_s:.1f} s" for share in sorted(draw.uniform(0, 0.9) for _ in range(3))],
            "voltages": ["2.9 V", "3.0 V"] if fills else ["0.35 V", "0.1 V"],
            "pulses": ["100 %"],
        }[way]
        step = f"{{{fill}, spectra_at: [{', '.join(marks)}], rest: {{time: 30 s}}, spectrum: {{{points}}}}}"
    holds = f", state_of_charge: {100 * held:.2f} %" if held else ""
    head = f"name: x\nbuild: {build}\nconditions: {{temperature: unknown, stack_pressure: unknown{holds}}}\n"
    return parse_protocol(f"{head}record: {{every: 5 s}}\nsteps:\n  - {step}\n", "drawn")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_what_a_random_protocol_says_is_what_was_done(tmp_path: Path, seed: int) -> None:
    protocol = drawn(random.Random(seed))
    build = NPS.build(protocol.build)
    if any(finding.grade == "error" for finding in check(protocol, NPS)):
        return
    expected, seen, off = estimate(protocol, build), Seen(), list[float]()

    def opened(bench: object) -> None:
        seen.bench = bench

    def look(event: Event) -> None:
        if isinstance(event.body, Point):
            true_ohm = seen.truth.cell.impedance(event.body.frequency_Hz)
            off.append(abs(complex(event.body.real_ohm, event.body.imaginary_ohm) / true_ohm - 1.0))

    with watched_benches(opened):
        bench = quiet_bench(ac_transient=True, noise_scale=0.3)
        result = run_it(request(tmp_path / "a.h5", protocol, NPS, bench), look)
    assert result.completed, result.reason
    run = open_run(tmp_path / "a.h5")
    assert expected.at_least_s - 1.0 <= run.events[-1].time_s <= expected.at_most_s
    assert sum(step.charge_C for step in run.steps) == pytest.approx(seen.truth.charge_C, rel=2e-4, abs=2e-5)
    assert max(off, default=0.0) < 0.02
    fills = [step for step in protocol.steps if isinstance(step, ConstantCurrent)]
    for record in run.spectra:
        if record.start.fraction is not None and fills[0].until.capacity is not None and build.capacity_C:
            whole_C = fills[0].until.capacity.value * build.capacity_C
            state_C = abs(record.start.step_charge_C)
            assert state_C == pytest.approx(record.start.fraction * whole_C, abs=1e-3 * build.capacity_C)
