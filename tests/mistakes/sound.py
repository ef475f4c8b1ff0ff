"""Sound cells: what differs between two good cells and two good days, and nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass

from solbench.protocols import load_cell, shipped_cells
from tests.mistakes.plans import PLANS, plan_of
from tests.mistakes.play import Mistake, Played, play

PELLET_SPREAD, MASS_SPREAD, AREA_SPREAD = (
    0.02,
    0.015,
    0.01,
)  # one standard deviation, as an honest lab has them
TEMPERATURE_SPREAD_K = 0.7


@dataclass(frozen=True)
class Sound:
    """A good cell on a good day; the seed draws it, and the bench."""

    seed: int

    def __str__(self) -> str:
        return str(self.seed)


def mistake_of(sound: Sound) -> Mistake:
    """Return the run of a sound cell, written as a mistake that is none."""
    draw = random.Random(f"sound {sound.seed}")
    record, plan = draw.choice(shipped_cells()), draw.choice(list(PLANS))
    built = load_cell(record).builds
    name = (
        "dc_reduced"
        if plan == "dc" and "dc_reduced" in built and draw.random() < 0.5
        else plan_of(plan).build
    )
    build = load_cell(record).build(name)

    def about(value: float, spread: float) -> float:
        return value * (1.0 + draw.gauss(0.0, spread))

    cell = [
        f"record: {record}",
        f"build: {name}",
        f"area: {about(build.area_m2, AREA_SPREAD) * 1e4:.5g} cm2",
        f"thickness: {about(build.thickness_m, PELLET_SPREAD) * 1e6:.5g} um",
    ]
    if build.tin_mass_kg:
        cell.append(f"tin_mass: {about(build.tin_mass_kg, MASS_SPREAD) * 1e6:.5g} mg")
    typed_degC = draw.choice([15, 20, 25, 30, 40, 60])
    changes = [
        f"{{kind: series_resistance, resistance: {draw.uniform(0.02, 0.4):.3g} ohm, inductance: 0.2 uH}}",
        f"{{kind: temperature, warmer: {draw.gauss(0.0, TEMPERATURE_SPREAD_K):.3g} K, amplitude: 0.3 K, period: 24 h}}",
        f"{{kind: hum, voltage: {draw.uniform(0.0, 0.5):.3g} mV}}",
        f"{{kind: noise, voltage: {draw.uniform(1.0, 100.0):.3g} uV}}",
        f"{{kind: zero_drift, voltage: {draw.gauss(0.0, 0.1):.3g} mV, over: 10 h}}",
        f"{{kind: zero_drift, of_range: {draw.gauss(0.0, 0.01):.3g} %, over: 10 h}}",
    ]
    truth = f"cell: {{{', '.join(cell)}}}\nchanges:\n" + "".join(f"  - {one}\n" for one in changes)
    typed = [
        f"conditions.temperature={typed_degC} degC",
        *([f"build={name}"] if name == "dc_reduced" else []),
    ]
    if plan in ("half", "symmetric"):  # as finely as the experiment that ships
        spectrum = "steps.sodiation.spectrum." if plan == "half" else "steps.spectrum."
        typed += [f"{spectrum}points_per_decade=10", f"{spectrum}integration=1 s", f"{spectrum}to=1 Hz"]
    return Mistake(f"sound {sound.seed}: {plan} of {record}", plan, record, typed=tuple(typed), truth=truth)


def alarms(sound: Sound) -> list[str]:
    """Return what was said against a sound cell: by a stop, a comparison or a verdict."""
    came: Played = play(mistake_of(sound), sound.seed)
    return [*came.stops, *(doubt for doubt in came.doubts if not doubt.startswith("no "))]
