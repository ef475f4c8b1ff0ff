"""Deals a scenario at random, of a size that shows in the cell and within the time of the run that is planned."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from solbench.acquisition.bench.scenario import Scenario
from solbench.protocols import Build, load_cell, shipped_cells
from solbench.protocols.files import Fields

SOUND_SHARE = 1 / 6  # of the deals nothing is wrong: whoever expects a fault finds one


@dataclass(frozen=True)
class Table:
    """What a dealer deals from: chance, the cell that is said to be there, and how long the run may take (s)."""

    draw: random.Random
    build: Build
    duration_s: float

    def about(self, low: float, high: float) -> float:
        """Draw a number of which each factor of two is as likely as the next."""
        return round_to_two(low * (high / low) ** self.draw.random())

    def moment(self) -> str:
        """Draw a time in the first two thirds of the run."""
        return f"{self.draw.uniform(0.05, 0.65) * self.duration_s:.0f} s"

    def ohm(self, low: float, high: float) -> str:
        """Draw a resistance between these shares of the electrolyte's."""
        return f"{self.about(low, high) * self.build.resistance_ohm:.3g} ohm"


def round_to_two(value: float) -> float:
    """Return a number with two digits that count."""
    return float(f"{value:.1e}")


def _change(name: str, **fields: str) -> Fields:
    return {"name": name, "changes": [{key.rstrip("_"): value for key, value in fields.items()}]}


def _others(of: Build) -> list[str]:
    """Return the other shipped cells that have such a build; of an unusual one there may be none."""
    return [
        name
        for name in shipped_cells()
        if name != of.record
        and any(
            (build.kind, build.reduced) == (of.kind, of.reduced) for build in load_cell(name).builds.values()
        )
    ]


def _another_cell(on: Table) -> Fields:
    record = on.draw.choice(_others(on.build))
    return {"name": f"the cell is one of {record}", "cell": {"record": record}}


def _another_area(on: Table) -> Fields:
    factor = on.draw.choice([0.25, 0.5, 1.7, 4.0])
    return {
        "name": "the area is another one",
        "cell": {"area": f"{factor * on.build.area_m2 * 1e4:.3g} cm2"},
    }


def _another_thickness(on: Table) -> Fields:
    factor = on.draw.choice([0.3, 0.5, 2.0, 3.0])
    return {
        "name": "the thickness is another one",
        "cell": {"thickness": f"{factor * on.build.thickness_m * 1e6:.3g} um"},
    }


def _less_tin(on: Table) -> Fields:
    mass_mg = (on.build.tin_mass_kg or 1e-6) * 1e6 * on.draw.uniform(0.4, 0.75)
    return {"name": "there is less tin", "cell": {"tin_mass": f"{mass_mg:.3g} mg"}}


def _used(on: Table) -> Fields:
    share = on.draw.choice([25, 50, 90])
    return {"name": "the cell was used before", "used_before": {"sodiated": f"{share} %"}}


def _pressure(on: Table) -> Fields:
    return _change(
        "the pressure is lost",
        kind="series_resistance",
        resistance=on.ohm(0.5, 5.0),
        from_=on.moment(),
        over=f"{on.about(1.0, 0.2 * on.duration_s + 2.0):.0f} s",
    )


def _loose(on: Table) -> Fields:
    return _change("a contact is loose", kind="loose_contact", resistance=on.ohm(0.2, 2.0), from_=on.moment())


def _short(on: Table) -> Fields:
    return _change("the cell is shorted", kind="shunt", resistance="0.1 ohm", from_=on.moment())


def _half_short(on: Table) -> Fields:
    return _change(
        "the cell is shorted by half", kind="shunt", resistance=on.ohm(0.3, 3.0), from_=on.moment()
    )


def _leak(on: Table) -> Fields:
    current_A = on.about(0.02, 0.5) * on.build.area_m2  # 2 to 50 uA/cm2
    return _change("the cell discharges by itself", kind="leak", current=f"{current_A * 1e6:.3g} uA")


def _lead(on: Table) -> Fields:
    lead = on.draw.choice(["re1", "ce", "generator", "v1", "v2"])
    return _change(
        f"the lead {lead} is off", kind="lead_off", lead=lead, from_=on.draw.choice(["0 s", on.moment()])
    )


def _exchanged(on: Table) -> Fields:
    leads = on.draw.choice(["all", "references"]) if on.build.live else "references"
    return _change("leads are exchanged", kind="leads_exchanged", leads=leads)


def _hand(on: Table) -> Fields:
    command = on.draw.choice(["PW0", "RR7", "PB9", "PC2E-4"])
    return _change("somebody was at the front panel", kind="front_panel", command=command, from_=on.moment())


def _warm(on: Table) -> Fields:
    warmer = on.draw.choice([-1, 1]) * on.draw.uniform(8, 20)
    return _change("the temperature is another one", kind="temperature", warmer=f"{warmer:.2g} K")


def _noise(on: Table) -> Fields:
    return _change(
        "the readings are noisy", kind="noise", voltage=f"{on.about(5.0, 150.0):.2g} mV", from_=on.moment()
    )


def _zero(on: Table) -> Fields:
    voltage, current = f"{on.about(2.0, 30.0):.2g} mV", f"{on.about(0.5, 10.0):.2g} uA"
    over = f"{0.5 * on.duration_s:.0f} s"
    return _change(
        "the zeros of the meters drift", kind="zero_drift", voltage=voltage, current=current, over=over
    )


Dealer = Callable[[Table], Fields]
OF_ALL: tuple[Dealer, ...] = (
    _another_area,
    _another_thickness,
    _pressure,
    _loose,
    _short,
    _half_short,
    _lead,
    _exchanged,
    _hand,
    _warm,
    _noise,
    _zero,
)
OF_TIN: tuple[Dealer, ...] = (_less_tin, _leak)
OF_ONE_TIN: tuple[Dealer, ...] = (_used,)
SOUND: Fields = {"name": "nothing is wrong"}


def deal(seed: int, build: Build, duration_s: float) -> Scenario:
    """Deal a scenario for a build in a run of about `duration_s`; the same numbers deal the same."""
    on = Table(random.Random(seed), build, duration_s)
    dealers = [
        *((_another_cell,) if _others(build) else ()),
        *OF_ALL,
        *(OF_TIN if build.tin_mass_kg else ()),
        *(OF_ONE_TIN if build.kind in ("half", "full") else ()),
    ]
    fields = SOUND if on.draw.random() < SOUND_SHARE else on.draw.choice(dealers)(on)
    return Scenario.model_validate(fields)
