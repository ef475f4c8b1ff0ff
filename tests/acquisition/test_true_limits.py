"""A limit that is truly passed opens the cell within two readings, and nothing closes it again by itself."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from solbench.drivers.roles import Reading
from solbench.drivers.solartron.pair import Pair
from solbench.protocols import load_cell
from tests.acquisition.runs import Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

READINGS = 2
FULL_S = 0.24  # one reading of full resolution, and its line
WITHIN_S = READINGS * FULL_S + 0.1
PELLET = load_cell("nbh").build("pellet").simulated_cell()  # no voltage of its own: a short circuit
PROTOCOL = """
name: limits
build: half
conditions: {{temperature: unknown, stack_pressure: unknown}}
record: {{every: {every}}}
safety: {{voltage_min: {low:.4f} V, voltage_max: {high:.4f} V}}
steps:
  - {{name: down, kind: constant_current, current: -0.16 mA/cm2, until: {{time: {down} s}}, cut_short: {{time: 1 h}}}}
  - {{name: up, kind: constant_current, current: 0.16 mA/cm2, until: {{time: 10 min}}}}
"""


@dataclass
class Watched:
    """When readings began, and the truth at each: what the first one beyond a limit had to see."""

    seen: Seen = field(default_factory=Seen)
    begun_s: list[float] = field(default_factory=list)
    beyond_s: float | None = None


def truly_beyond(truth: Any, low_V: float, high_V: float) -> bool:
    """Whether the cell is beyond the limit to which its current takes it."""
    current_A, voltage_V = truth.cell_current_A, truth.cell_voltage_V
    return (current_A < 0.0 and voltage_V <= low_V) or (current_A > 0.0 and voltage_V >= high_V)


def limited_run(run: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> Watched:
    """Run into a limit: by drift down or up, a short circuit, or a reference lead that comes off."""
    draw, watched = random.Random(seed), Watched()
    how = ("down", "up", "short", "lead")[seed % 4]
    low_V = draw.uniform(0.35, 0.8) if how == "down" else 0.2
    high_V = draw.uniform(0.7, 1.2) if how == "up" else 2.4
    every = draw.choice(["0.5 s", "1 s", "7 s", "1 min"])
    down_s = 20 if how == "up" else 600
    at_s = draw.uniform(14.0, 26.0)
    real = Pair.measure

    def measure(self: Pair, fast: bool = False) -> Reading:
        """Change the cell at its moment, and note when the reading began in which the truth was beyond."""
        bench = watched.seen.bench
        now_s = bench.clock.now()
        if how in ("short", "lead") and now_s >= at_s and not watched.begun_s:
            watched.begun_s.append(now_s)
            if how == "short":
                bench.truth.mount(PELLET)
            else:
                bench.truth.faults.set_leads(loose_reference=True)
        truth = bench.truth.truth
        if truth.polarized and watched.beyond_s is None:
            beyond = how == "lead" and bool(watched.begun_s)
            if beyond or truly_beyond(truth, low_V, high_V):
                watched.beyond_s = now_s
        reading = real(self, fast)
        if truth.polarized and watched.beyond_s is None and truly_beyond(truth, low_V, high_V):
            watched.beyond_s = bench.clock.now()  # it was passed while this reading was made
        return reading

    monkeypatch.setattr(Pair, "measure", measure)
    text = PROTOCOL.format(low=low_V, high=high_V, every=every, down=down_s)
    with watched_benches(lambda bench: setattr(watched.seen, "bench", bench)):
        watched.seen.result = run_it(request(run, text, bench=quiet_bench()), watched.seen.events.append)
    monkeypatch.undo()
    return watched


def require_opened(folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    watched = limited_run(folder / f"{seed}.h5", monkeypatch, seed)
    seen = watched.seen
    assert seen.result.outcome == "limit", (seed, seen.result.reason)
    if watched.beyond_s is None:  # it was passed at open circuit, before the step began
        assert seen.truth.closed_s is None or seen.truth.closed_s < seen.truth.opened_s
        assert seen.of("segment")[-1].seq > seen.of("edge")[-1].seq
        return
    assert seen.truth.opened_s - watched.beyond_s <= WITHIN_S, seed
    actions = [event.body.action for event in seen.of("edge")]
    assert actions[-1] == "off"
    assert seen.truth.closed_s < watched.beyond_s  # nothing closed it again
    assert seen.is_safe


@few("seed", range(6), 2)
def test_a_true_limit_opens_within_two_readings_and_stays_open(tmp_path, monkeypatch, seed):
    require_opened(tmp_path, monkeypatch, seed)


@pytest.mark.long
def test_a_thousand_true_limits_open_and_stay_open(tmp_path, monkeypatch):
    for seed in range(100, 1100):
        require_opened(tmp_path, monkeypatch, seed)
