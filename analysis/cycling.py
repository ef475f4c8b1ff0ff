"""Capacities, Coulombic efficiency, retention and irreversible capacity, with what is known of their errors.

The charge of a step is known to the gain of the current range (0.1-0.2 %), to the zero of the ammeter and its drift,
to how straight the range is, and to one reading at each edge. In a ratio of two charges of opposite sign the gain
cancels when both were measured on one range, and the zero counts twice; currents of another size differ by the bend.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solbench.protocols.cells import FILLED_KINDS

if TYPE_CHECKING:
    from solbench.acquisition.record.folds import StepRecord

MAH_CM2_IN_C_M2 = 36000.0
GAIN_RELATIVE = 0.002  # standard uncertainty of a current range, as in solbench.fitting.dc_polarization
BEND = 1e-4
"""How far an ammeter is off the straight line at half of full scale, standard uncertainty as a fraction of the range
(assumed, no specification sheet was available). At a current of u full scales that is 4 BEND (1 - u) of it."""
SLIGHT = 0.01  # of the charge before and after; a smaller one that goes back does not turn it
_GAIN_1287 = (
    "gain of the 1287's current range 0.2 % of reading (the upper end of the 0.1-0.2 % that is usually quoted for it; "
    "assumed, no specification sheet was available)"
)
_OTHER_SOURCES = (
    ", its bend 0.01 % of range at half of it (assumed), zero of the ammeter and its drift as read in the run, what "
    "leaks past the cell (as commissioned, else 0.1 nS, assumed), one reading at each edge"
)


def sources(instruments: Collection[str]) -> str:
    """Say from where the uncertainty of a charge is known that was measured by these instruments, by name."""
    others = sorted(name for name in instruments if name not in ("1260", "1287"))
    gain = (
        f"gain of the current range of the {' and '.join(others)} 0.2 % of reading (assumed, as for a 1287)"
    )
    return (gain if others else _GAIN_1287) + _OTHER_SOURCES


@dataclass(frozen=True)
class Half:
    """Half a cycle: all steps from one turning point of the charge to the next, in order.

    One step, or several: constant current and constant voltage, two currents, pulses, with what lies between them.
    """

    steps: tuple[StepRecord, ...]

    @property
    def held(self) -> list[StepRecord]:
        """Get the steps that held a current or a voltage; rests and spectra between them are left out."""
        return [step for step in self.steps if step.holds]

    @property
    def charge_C(self) -> float:
        """Get the net charge (C) of all steps; positive charged the cell."""
        return sum(step.charge_C for step in self.steps)

    @property
    def is_positive(self) -> bool:
        """Get whether it charges the cell."""
        return _is_positive(self.steps[0])

    @property
    def finished(self) -> bool:
        """Get whether every step ended by a condition of its own."""
        return all(step.finished for step in self.held)

    @property
    def changed(self) -> bool:
        """Get whether another current or voltage was set on the way of a step."""
        return any(step.changed for step in self.held)


@dataclass(frozen=True)
class Pair:
    """Two halves that follow each other: the first puts charge in, the second takes it out.

    In a half cell with Sn the first is sodiation and the second desodiation, in a full cell charge and discharge.
    Where `is_filled` is False, as in a symmetric cell, the one is not what comes back of the other.
    """

    first: Half
    second: Half | None
    is_filled: bool = True

    @property
    def coulombic_efficiency(self) -> float | None:
        """Get |charge of the second| / |charge of the first|; None unless both ended by their own conditions."""
        if (
            self.second is None
            or not self.is_filled
            or not (self.first.finished and self.second.finished)
            or self.first.charge_C == 0.0
        ):
            return None
        return abs(self.second.charge_C) / abs(self.first.charge_C)


@dataclass(frozen=True)
class Charge:
    """The charge of one step, or of several, and what limits its certainty.

    `charge_C` and `current_A` signed (positive charges the cell); `sample_s` the longest time between two
    readings, as the edges are known to one reading; `zero_stderr_A` the standard uncertainty of the ammeter's
    zero; `range_index` the current range, None where it is not known; `edges` how often the current was switched
    on or off, which interruptions add to; `unwatched_C` the uncertainty of what flowed while nobody watched;
    `full_scale_A` of the range, 0 where it is not known.
    """

    charge_C: float
    current_A: float
    sample_s: float = 1.0
    zero_stderr_A: float = 0.0
    range_index: int | None = None
    edges: int = 2
    unwatched_C: float = 0.0
    full_scale_A: float = 0.0

    def __post_init__(self) -> None:
        if self.current_A == 0.0 or self.sample_s < 0.0 or self.zero_stderr_A < 0.0:
            raise ValueError(
                "a charge needs a current other than zero, and uncertainties that are not negative"
            )

    @property
    def edges_C(self) -> float:
        """Get the uncertainty of the edges (C): up to one reading each, evenly distributed."""
        return abs(self.current_A) * self.sample_s * math.sqrt(self.edges / 3.0)

    @property
    def zero_C(self) -> float:
        """Get what an error of the zero of one standard uncertainty does to the charge (C)."""
        return self.zero_stderr_A * abs(self.charge_C / self.current_A)

    def stderr_C(self, gain_relative: float = GAIN_RELATIVE) -> float:
        """Compute the standard uncertainty of the charge (C): gain, bend, zero, edges and gaps in quadrature."""
        bend = (
            4.0 * BEND * max(0.0, 1.0 - abs(self.current_A) / self.full_scale_A) if self.full_scale_A else 0.0
        )
        relative = math.hypot(gain_relative, bend)
        return math.hypot(relative * self.charge_C, self.zero_C, self.edges_C, self.unwatched_C)


def joined(charges: Sequence[Charge]) -> Charge:
    """Return several charges of one direction as one: gain and zero act on all alike, edges independently.

    The current is the mean over the time in which they flowed, that of the first where nothing flowed yet. On different
    ranges the range is not known.

    >>> both = joined([Charge(1.0, 2e-4, 1.0, 1e-7, 5), Charge(0.5, 5e-5, 2.0, 1e-7, 5)])
    >>> both.charge_C, both.current_A, both.range_index
    (1.5, 0.0001, 5)
    """
    if len(charges) == 1:
        return charges[0]
    charge_C = sum(charge.charge_C for charge in charges)
    time_s = sum(charge.charge_C / charge.current_A for charge in charges)
    current_A = charge_C / time_s if charge_C else charges[0].current_A
    edges = sum(charge.edges for charge in charges)
    edges_C = math.hypot(*(charge.edges_C for charge in charges))
    ranges = {charge.range_index for charge in charges}
    return Charge(
        charge_C,
        current_A,
        edges_C / abs(current_A) / math.sqrt(edges / 3.0),
        max(charge.zero_stderr_A for charge in charges),
        ranges.pop() if len(ranges) == 1 else None,
        edges,
        sum(charge.unwatched_C for charge in charges),
        charges[0].full_scale_A if len({charge.full_scale_A for charge in charges}) == 1 else 0.0,
    )


@dataclass(frozen=True)
class Efficiency:
    """Coulombic efficiency: `words` name the two charges; `gain`, `zero`, `edges`, `unwatched` and `bend` make it up.

    `stderr` is theirs in quadrature.
    """

    value: float
    stderr: float
    words: str
    gain: float
    zero: float
    edges: float
    unwatched: float = 0.0
    bend: float = 0.0


@dataclass(frozen=True)
class Uncertain:
    """A value with its standard uncertainty, in the same unit."""

    value: float
    stderr: float


def areal_capacity_mAh_cm2(charge_C: float, area_m2: float) -> float:
    """Return the magnitude of a charge (C) over an area (m2) in mAh/cm2.

    >>> round(areal_capacity_mAh_cm2(-3.9564, 0.785e-4), 4)
    1.4
    """
    return abs(charge_C) / area_m2 / MAH_CM2_IN_C_M2


def gravimetric_mAh_g(charge_C: float, mass_kg: float) -> float:
    """Return the magnitude of a charge (C) over a mass (kg) in mAh/g.

    >>> round(gravimetric_mAh_g(-3.6, 1e-5), 1)
    100.0
    """
    return abs(charge_C) / mass_kg / 3600.0


def coulombic_efficiency(
    first: Charge,
    second: Charge,
    words: str = "second charge over first charge",
    gain_relative: float = GAIN_RELATIVE,
) -> Efficiency:
    """Compute |second| / |first| with its standard uncertainty.

    `gain_relative` is the uncertainty of a range's gain: it cancels where both charges were measured on one
    range. The zero adds to one magnitude and takes from the other. Raises ValueError where no charge went in.

    >>> went_in = Charge(-3.957, -126e-6, zero_stderr_A=2e-7, range_index=5)
    >>> came_out = Charge(3.244, 126e-6, zero_stderr_A=2e-7, range_index=5)
    >>> found = coulombic_efficiency(went_in, came_out, "desodiation over sodiation")
    >>> f"{found.value:.4f} +- {found.stderr:.4f}, gain {found.gain:.4f}"
    '0.8198 +- 0.0026, gain 0.0000'
    """
    if first.charge_C == 0.0:
        raise ValueError("a Coulombic efficiency needs a charge that went in")
    value = abs(second.charge_C / first.charge_C)
    one_range = first.range_index is not None and first.range_index == second.range_index
    gain = 0.0 if one_range else value * gain_relative * math.sqrt(2.0)
    opposite = (first.current_A > 0) != (second.current_A > 0)
    zeros = [charge.zero_stderr_A / abs(charge.current_A) for charge in (first, second)]
    # One ammeter on one range has one zero: its error is the same in both halves.
    together = sum(zeros) if opposite else abs(zeros[1] - zeros[0])
    zero = value * (together if one_range else math.hypot(*zeros))
    edges = math.hypot(value * first.edges_C, second.edges_C) / abs(first.charge_C)
    unwatched = math.hypot(value * first.unwatched_C, second.unwatched_C) / abs(first.charge_C)
    bend = value * _bend(first, second) if one_range else 0.0  # on two ranges it is part of their gains
    stderr = math.hypot(gain, zero, edges, unwatched, bend)
    return Efficiency(value, stderr, words, gain, zero, edges, unwatched, bend)


def _bend(first: Charge, second: Charge) -> float:
    """Return by which fraction two charges on one range may differ because of its bend."""
    full_scale_A = first.full_scale_A
    if not full_scale_A or full_scale_A != second.full_scale_A:
        return 0.0
    return 4.0 * BEND * abs(abs(first.current_A) - abs(second.current_A)) / full_scale_A


def irreversible_charge(first: Charge, second: Charge, gain_relative: float = GAIN_RELATIVE) -> Uncertain:
    """Compute |first| - |second| (C), what went in and did not come out, with its standard uncertainty.

    >>> lost = irreversible_charge(Charge(-4.0, -1e-4, 0.0), Charge(3.0, 1e-4, 0.0), gain_relative=0.002)
    >>> lost.value, round(lost.stderr, 4)
    (1.0, 0.002)
    """
    lost = abs(first.charge_C) - abs(second.charge_C)
    one_range = first.range_index == second.range_index
    gain = lost if one_range else math.hypot(first.charge_C, second.charge_C)
    zero = first.zero_C + second.zero_C if one_range else math.hypot(first.zero_C, second.zero_C)
    unwatched = math.hypot(first.unwatched_C, second.unwatched_C)
    bend = _bend(first, second) * second.charge_C if one_range else 0.0
    return Uncertain(
        lost, math.hypot(gain_relative * gain, zero, first.edges_C, second.edges_C, unwatched, bend)
    )


def retention(charges: Sequence[Charge], reference: int = 0) -> list[Uncertain]:
    """Compute each charge over that of the cycle `reference`: the gain and the zero of one range cancel.

    Raises ValueError where the reference gave nothing.

    >>> [round(r.value, 2) for r in retention([Charge(-2.0, -1e-4), Charge(-1.9, -1e-4), Charge(-1.5, -1e-4)])]
    [1.0, 0.95, 0.75]
    """
    if not charges:
        return []
    whole = charges[reference]
    if whole.charge_C == 0.0:
        raise ValueError("the cycle that the retention refers to gave no charge")
    found = []
    for number, charge in enumerate(charges):
        value = coulombic_efficiency(whole, charge)
        same = number == reference % len(charges)
        found.append(Uncertain(value.value, 0.0 if same else value.stderr))
    return found


def has_efficiency(kind: str) -> bool:
    """Say whether the cycles of a build of this kind have a Coulombic efficiency; "" is a kind that nobody said."""
    return kind in ("", *FILLED_KINDS)


def pairs_of(steps: Sequence[StepRecord], kind: str = "") -> list[Pair]:
    """Return the cycles in order; a half without its partner stands alone.

    `kind` of the build says which way the first half goes: a half cell is sodiated first, a full cell charged; others
    begin either way.
    """
    halves = halves_of(steps)
    goes_in = {"half": False, "full": True}.get(kind, halves[0].is_positive if halves else True)
    pairs = []
    at = 0
    while at < len(halves):
        has_partner = halves[at].is_positive == goes_in and at + 1 < len(halves)
        pairs.append(Pair(halves[at], halves[at + 1] if has_partner else None))
        at += 2 if has_partner else 1
    return pairs


def halves_of(steps: Sequence[StepRecord]) -> list[Half]:
    """Return what lies between the turning points of the charge.

    Only what holds a current or a voltage turns it. What goes back less than a hundredth of what both its neighbours
    go forth, a pulse or the relaxation at a held voltage, turns nothing; nor does such a held voltage at the end.
    """
    groups: list[list[StepRecord]] = []
    between: list[StepRecord] = []
    for step in steps:
        if not step.holds or (step.charge_C == 0.0 and not step.current_A):
            between.append(step)
            continue
        if groups and _is_positive(groups[-1][0]) == _is_positive(step):
            groups[-1] += [*between, step]
        else:
            groups.append([step])
        between = []
    return [Half(tuple(group)) for group in _without_pulses(groups)]


def _without_pulses(groups: Sequence[list[StepRecord]]) -> list[list[StepRecord]]:
    kept: list[list[StepRecord]] = []
    rest = list(groups)
    while rest:
        group = rest.pop(0)
        if kept and rest and _is_slight(group, kept[-1]) and _is_slight(group, rest[0]):
            kept[-1] += group + rest.pop(0)
        elif kept and not rest and _is_slight(group, kept[-1]) and not any(step.current_A for step in group):
            kept[-1] += group
        else:
            kept.append(list(group))
    return kept


def _is_slight(group: Sequence[StepRecord], beside: Sequence[StepRecord]) -> bool:
    return abs(_sum_C(group)) < SLIGHT * abs(_sum_C(beside))


def _sum_C(steps: Sequence[StepRecord]) -> float:
    return sum(step.charge_C for step in steps)


def _is_positive(step: StepRecord) -> bool:
    current_A = step.mean_current_A
    return (current_A if current_A is not None else step.charge_C) > 0.0
