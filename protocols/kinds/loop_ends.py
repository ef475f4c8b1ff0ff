"""What ends a loop before all its passes are made, decided between two steps by what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import StrictBool, field_validator, model_validator

from solbench.protocols.cells import BOLTZMANN_J_K, SYMMETRIC_KINDS, Build
from solbench.protocols.convert import coulombs
from solbench.protocols.errors import FieldError
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.currents import check_inside_window
from solbench.protocols.kinds.driven.current import ConstantCurrent
from solbench.protocols.kinds.fields import StepName, Steps
from solbench.protocols.kinds.impedance import Impedance
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.model import Model, join
from solbench.protocols.quantities.quantity import Accepts, Capacity, Quantity, Time, Voltage
from solbench.protocols.segments import SHORTED, LoopEnd, LoopQuantity

NOT_SYMMETRIC = Rule(
    "loop.short_not_symmetric",
    "error",
    "only between two electrodes of the same kind does a voltage near zero tell a short circuit",
    "Leave it out, or use a build of the kind 'metal' or 'symmetric'",
)
NO_CURRENT = Rule(
    "loop.no_current",
    "error",
    "no step of this loop sets a current by itself, so that a short circuit is never seen",
    "Add a constant current to the loop, or leave this out",
)


NO_SPECTRA = Rule(
    "loop.no_spectra",
    "error",
    "no step of this loop is a spectrum, so that it is never seen whether the sample is steady",
    "Add one to the loop, or leave this out",
)
LARGEST_STEADY_K = 20.0
SEEN_STEADY = 4  # spectra, in an estimate: three are the fewest through which an exponential goes


class LoopEnds(Model):
    """What ends a loop, whichever comes first; all but `short` are looked at when a pass is complete.

    `capacity_below`: the charge of a step has fallen to this part of what it was in the first pass ("80 %"), or to this
    charge; `of` names the step, by default the last one of the loop that drives the cell. `voltage_below`,
    `voltage_above`: a step of the pass has left the cell at such a voltage, driven or at rest. `time`: the loop has
    taken so long. `short`: a current drops less than 70 % of what it drops in the electrolyte of the record: the cell
    is switched off at once, and the rest of the pass left out. `steady`: by the spectra of the passes the electrolyte
    is so near to its temperature ("0.1 K"): an exponential through the last three resistances says what they lack.
    """

    capacity_below: Capacity | None = None
    of: StepName | None = None
    voltage_below: Voltage | None = None
    voltage_above: Voltage | None = None
    time: Time | None = None
    short: StrictBool = False
    steady: Annotated[Quantity, Accepts(("temperature",), "positive")] | None = None

    @field_validator("steady")
    @classmethod
    def _is_a_difference(cls, value: Quantity | None) -> Quantity | None:
        if value is not None and value.value > LARGEST_STEADY_K:
            raise FieldError(f"'{value}' is no small difference of temperatures", "Write it as in 0.1 K")
        return value

    @model_validator(mode="after")
    def _something(self) -> LoopEnds:
        conditions = (self.capacity_below, self.voltage_below, self.voltage_above, self.time, self.steady)
        if not any(conditions) and not self.short:
            raise FieldError(
                "there is no condition here",
                "Write at least one of: capacity_below, voltage_below, voltage_above, time, short, steady",
            )
        if self.of is not None and self.capacity_below is None:
            raise FieldError(
                "this says whose capacity, and there is none", "Add 'capacity_below'", field="of"
            )
        return self


def loop_ends(until: LoopEnds, steps: Steps, path: str, build: Build) -> tuple[LoopEnd, ...]:
    """Make the ends of a loop in SI; `path` is where its steps stand. Raises `FieldError` without a mass."""
    found: list[LoopEnd] = []
    if (least := until.capacity_below) is not None:
        is_part = least.kind == "fraction"
        value = least.value if is_part else coulombs(least, build)
        quantity: LoopQuantity = "part_below" if is_part else "charge_below"
        found.append(LoopEnd(quantity, value, least.text, join(path, _measured(until, steps))))
    if until.voltage_below is not None:
        found.append(LoopEnd("voltage_below", until.voltage_below.value, until.voltage_below.text))
    if until.voltage_above is not None:
        found.append(LoopEnd("voltage_above", until.voltage_above.value, until.voltage_above.text))
    if until.time is not None:
        found.append(LoopEnd("time", until.time.value, until.time.text))
    if until.short:
        found.append(LoopEnd("short", SHORTED * build.resistance_ohm, "a short circuit"))
    if until.steady is not None:
        slope_K = build.activation_energy_J / BOLTZMANN_J_K
        found.append(LoopEnd("steady", until.steady.value, until.steady.text, slope_K=slope_K))
    return tuple(found)


def check_loop_ends(path: str, until: LoopEnds, steps: Steps, bounds: Bounds) -> Findings:
    """Yield what is wrong with what ends a loop; `path` is where it stands."""
    if until.short:
        if bounds.build.kind not in SYMMETRIC_KINDS:
            yield NOT_SYMMETRIC.at(f"{path}.short")
        elif not _sets_current(steps):
            yield NO_CURRENT.at(f"{path}.short")
    if until.steady is not None and not _has_spectra(steps):
        yield NO_SPECTRA.at(f"{path}.steady")
    for name, end in (("voltage_below", until.voltage_below), ("voltage_above", until.voltage_above)):
        if end is not None:
            yield from check_inside_window(f"{path}.{name}", end, bounds.limits)


def _sets_current(steps: Steps) -> bool:
    """Say whether a constant current is among the steps, or among those of a loop in them: each is watched."""
    return any(
        isinstance(step, ConstantCurrent) or _sets_current(getattr(step, "steps", ())) for step in steps
    )


def _has_spectra(steps: Steps) -> bool:
    """Say whether each pass measures a spectrum by itself."""
    return any(isinstance(step, Impedance) for step in steps)


def _measured(until: LoopEnds, steps: Steps) -> str:
    """Return the name of the step whose charge is compared: `of`, or the last one that drives the cell."""
    driving = [step.name for step in steps if step.drives]
    if not driving:
        raise FieldError(
            "no step of the loop itself drives the cell",
            "Move 'capacity_below' to the loop whose steps do",
        )
    if until.of is not None and until.of not in driving:
        raise FieldError(
            f"'{until.of}' does not drive the cell, so that its charge never falls",
            f"Name a step that does in 'of': {', '.join(driving)}",
        )
    return until.of or driving[-1]


def ends_in_words(until: LoopEnds) -> str:
    """Describe what ends a loop, for a sentence."""
    words: Mapping[str, str] = {
        "the capacity" + (f" of '{until.of}'" if until.of else "") + " is below {}": str(
            until.capacity_below or ""
        ),
        "the voltage is below {}": str(until.voltage_below or ""),
        "the voltage is above {}": str(until.voltage_above or ""),
        "{} have passed": str(until.time or ""),
        "{} is seen": "a short circuit" if until.short else "",
        "by its resistance the sample is within {} of steady": str(until.steady or ""),
    }
    found = [form.format(text) for form, text in words.items() if text]
    if until.capacity_below is not None and until.capacity_below.kind == "fraction":
        found[0] += " of that of the first pass"
    return " or ".join(found)
