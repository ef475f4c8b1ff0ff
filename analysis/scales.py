"""How accurately the measuring instruments know a resistance, beside what scatter and fit leave.

A gain that is off makes every resistance off by as much, and no fit can see it: the spectrum only has another scale.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from solbench.fitting.joint_fit import Growth, StatesResult
from solbench.fitting.state_fit import StateFit


@dataclass(frozen=True)
class Scale:
    """What a spectrum's ohms rest on: `name` of the range or input, and its relative standard uncertainty.

    Spectra of equal names are off by the same factor, others independently.
    """

    name: str
    stderr: float


def with_scales(found: StatesResult, scales: Sequence[Scale]) -> StatesResult:
    """Return a joint fit whose standard errors include the scale of each state's spectrum.

    A growth between two ranges includes all of both spectra: whatever the scales differ by, an arc may take.
    """
    states = tuple(_state(one, scale, scales[0]) for one, scale in zip(found.states, scales, strict=True))
    first = 1 if states[0].fresh and len(states) > 1 else 0
    return replace(
        found,
        states=states,
        growth=_growth(found.growth, found.states, scales, 0),
        growth_from_sodiated=_growth(found.growth_from_sodiated, found.states, scales, first),
        growth_corrected=_growth(found.growth_corrected, found.states, scales, 0),
        r_charge_transfer_stderr_ohm=math.hypot(
            found.r_charge_transfer_stderr_ohm, found.r_charge_transfer_ohm * scales[-1].stderr
        ),
    )


def _state(one: StateFit, scale: Scale, first: Scale) -> StateFit:
    interface_ohm = one.r_interface_stderr_ohm
    if not one.is_reference:
        apart = _apart(one.r_sse_ohm, scale, one.r_sse_ohm, first)
        interface_ohm = math.hypot(interface_ohm, one.r_interface_ohm * scale.stderr, apart)
    return replace(
        one,
        r_sse_stderr_ohm=math.hypot(one.r_sse_stderr_ohm, one.r_sse_ohm * scale.stderr),
        r_interface_stderr_ohm=interface_ohm,
    )


def _growth(
    found: Growth | None, states: Sequence[StateFit], scales: Sequence[Scale], first: int
) -> Growth | None:
    if found is None:
        return None
    before, after = states[first], states[-1]
    apart = _apart(before.r_sse_ohm, scales[first], after.r_sse_ohm, scales[-1])
    return Growth(found.value_ohm, math.hypot(found.stderr_ohm, found.value_ohm * scales[-1].stderr, apart))


def _apart(one_ohm: float, one: Scale, other_ohm: float, other: Scale) -> float:
    """Return the uncertainty (ohm) of a difference to which two scales contribute, 0 of one scale."""
    return 0.0 if one.name == other.name else math.hypot(one_ohm * one.stderr, other_ohm * other.stderr)
