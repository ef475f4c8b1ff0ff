"""What must be so in every cell of the table, by the truth behind the wire and the journal alone."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from solbench.acquisition.record.events import Event
from solbench.protocols import plan
from solbench.protocols.kinds.registry import kind_of_segment
from solbench.protocols.segments import Condition, Scan, Segment
from tests.faults.phases import PHASES
from tests.faults.plans import CELL, WAIT_S, protocol_of
from tests.faults.play import Cell, Played, bench_of, without
from tests.faults.stage import Looked

WAITS_S = 720.0 + WAIT_S + 60.0 + 20.0  # for the adapter, for a user, for him to come, in a pause of his own
LONGEST_FAULT_S = 600.0
MEASURES_S = 900.0  # what was interrupted is measured again, with the zeros and rests before it
CURES = re.compile(
    r"\b(Begin|Press|Wait|Look|Check|Compare|Decide|Free|Make room|resume|recover|Close|Connect|Switch|See|Read)\b",
    re.I,
)
INSTRUMENTS = re.compile(r"\b(?:a|an|on|of|the|this) (1260|1287|2400|EC301)\b")
FLAGS = ("alarm", "rejected", "gap", "asked_again")
SWEPT_V = 5e-3  # a level is passed between two readings
FLAGGED_WITHIN_S = 20.0  # set means reached is judged from 10 s after a change
AC_WITHIN_S = 0.5  # a point of a short integration, behind which its line is read
VOLTAGE_V, CURRENT_SHARE, RANGE_A = 4e-3, 0.01, 8e-6
CHARGE_SHARE, CHARGE_S = 3e-3, 0.2  # of the charge, and of the current that flows at most
POINT_SHARE = 0.05
NOISY_SHARE = 0.2  # at 1 Hz the current of the cell drops a few uV on the range of its 30 ohm at 1 MHz
GAIN_SHARE = 0.0012  # of a voltage, three standard deviations of a voltmeter's gain
NOISE_A = 2e-7  # of what the readings along a spectrum have in common


def wrong(cell: Cell, played: Played) -> list[str]:
    """Return what is not as it must be."""
    clean = without(cell.segment, PHASES[cell.phase].paused, cell.unit, cell.model)
    return [
        *_hangs(played, clean),
        *_not_safe(played),
        *_not_told(played),
        *_named_others(cell, played),
        *_not_done(cell, played, clean),
        *_wrong_charge(played, clean),
        *_wrong_samples(played, 0.0 if cell.unit == "ideal" else GAIN_SHARE),
        *_wrong_amplitude(played),
    ]


def _hangs(played: Played, clean: Played) -> Iterator[str]:
    most_s = clean.events[-1].time_s + 2.0 * WAITS_S + LONGEST_FAULT_S + MEASURES_S
    if played.events[-1].time_s > most_s:
        yield f"hangs: ended after {played.events[-1].time_s:.0f} s, at most {most_s:.0f} s"
    if played.begun_s is None:
        yield "the fault never began"


def _not_safe(played: Played) -> Iterator[str]:
    verified = played.is_verified
    if verified and not played.is_safe:
        yield f"said to be verified off: relay {played.truth.closed}, generator {played.generator_V} V"
    if not verified and "NOT VERIFIED SAFE" not in played.result.reason:
        yield f"not verified off, and not said: {played.result.reason}"
    if not verified and played.result.outcome != "fault":
        yield f"not verified off, and {played.result.outcome}"
    if not all(played.safe_at_pauses):
        yield "paused with the cell on"


def _not_told(played: Played) -> Iterator[str]:
    for event in played.of("alarm"):
        if not event.body.code:
            yield f"alarm without code: {event.body.text}"
        if not CURES.search(event.body.text):
            yield f"alarm without cure: {event.body.text}"
    pauses = [event for event in played.of("paused") if event.body.by == "program"]
    for pause in pauses:
        reasons = [event for event in played.of("alarm") if event.body.text == pause.body.reason]
        if not reasons and not CURES.search(pause.body.reason):
            yield f"paused without an alarm or a cure: {pause.body.reason}"
    if played.result.completed:
        return
    if not CURES.search(played.result.reason) and played.result.outcome != "limit":
        yield f"ended without a cure: {played.result.outcome}: {played.result.reason}"
    if len(played.result.reason) < 15:
        yield f"ended without a reason: {played.result.reason!r}"


def _named_others(cell: Cell, played: Played) -> Iterator[str]:
    """Instruments that are not on this bench, to which a text sends the user."""
    here = bench_of(cell.segment, cell.unit, cell.model).entries
    told = [event.body.text for event in played.of("alarm")] + [played.result.reason]
    told += [event.body.reason for event in played.of("paused")]
    for text in told:
        for name in INSTRUMENTS.findall(text):
            if name not in here:
                yield f"names the {name}, which is not there: {text}"


def _not_done(cell: Cell, played: Played, clean: Played) -> Iterator[str]:
    if not played.result.completed:
        return
    for ordinal, segment in enumerate(
        plan(protocol_of(cell.segment), CELL.build(protocol_of(cell.segment).build))
    ):
        mine, theirs = _end(played, ordinal), _end(clean, ordinal)
        if mine is None or (mine.body.outcome, mine.body.quantity) != (
            theirs.body.outcome,
            theirs.body.quantity,
        ):
            yield f"completed, but segment {ordinal} ended by {mine and (mine.body.outcome, mine.body.quantity)}"
            continue
        yield from _held_shorter(segment, ordinal, played, clean)
        yield from _other_points(cell, ordinal, played, clean)
        yield from _not_swept(segment, mine, ordinal, played)
        took_s, wanted_s = mine.body.duration_s, theirs.body.duration_s
        if isinstance(segment, Condition):  # a chamber that is on its way already has less of it to go
            continue
        if kind_of_segment(segment).resumed != "continued" and took_s < 0.8 * wanted_s:
            yield f"completed, but segment {ordinal} took {took_s:.0f} s, not {wanted_s:.0f} s"
        if mine.body.quantity in ("voltage_above", "voltage_below"):
            reached = [look.voltage_V for look in played.looked if look.closed]
            far = max(reached) if mine.body.quantity == "voltage_above" else -min(reached)
            limit = mine.body.limit if mine.body.quantity == "voltage_above" else -mine.body.limit
            if far < limit - 5e-3:
                yield f"completed, but the voltage was never {mine.body.limit} V, at most {far:.4f} V"


def _not_swept(segment: Segment, end: Event, ordinal: int, played: Played) -> Iterator[str]:
    """Levels at which a sweep never was in truth, in its last attempt, one after the other."""
    if not isinstance(segment, Scan) or end.body.quantity != "time":
        return
    begun_s = max(event.time_s for event in played.of("segment") if event.body.ordinal == ordinal)
    on_V = [
        look.voltage_V for look in played.looked if look.closed and begun_s <= look.time_s <= end.time_s + 1.0
    ]
    place = 0
    for level_V in segment.levels_V:
        while place < len(on_V) and abs(on_V[place] - level_V) > SWEPT_V:
            place += 1
        if place == len(on_V):
            yield f"completed, but the sweep never came to {level_V:g} V"
            return


def _end(played: Played, ordinal: int) -> Event | None:
    ends = [event for event in played.of("segment_end") if event.body.ordinal == ordinal]
    return ends[-1] if ends else None


def _held_shorter(segment: Segment, ordinal: int, played: Played, clean: Played) -> Iterator[str]:
    """What was held in truth, in seconds: as in the run without a fault, but for what a gap or a pause cost."""
    kind = kind_of_segment(segment)
    if kind.holds is None:
        return
    set_A = kind.current_A(segment)
    set_V = getattr(segment, "voltage_V", None)
    held_s, wanted_s = (_held_s(one, set_A, set_V) for one in (played, clean))
    interruptions = len(played.of("gap")) + len(played.of("paused"))
    unwatched_s = sum(gap.body.unwatched_s for gap in played.of("gap"))
    if held_s < 0.97 * wanted_s - 6.0 - 12.0 * interruptions - unwatched_s:
        yield f"completed, but held for {held_s:.0f} s, not for {wanted_s:.0f} s"


def _held_s(played: Played, set_A: float | None, set_V: float | None) -> float:
    def is_set(look: Looked) -> bool:
        if set_A is not None:
            return abs(look.current_A - set_A) < 0.02 * abs(set_A)
        return set_V is not None and abs(look.voltage_V - set_V) < 6e-3

    held_s, opened_s = 0.0, played.opened_s or 0.0
    for before, after in pairwise(played.looked):
        if after.closed and before.closed and is_set(after):
            held_s += after.time_s - before.time_s
        elif before.closed and before.time_s < opened_s <= after.time_s and is_set(before):
            held_s += opened_s - before.time_s  # nobody looked until then: the PC slept
    return held_s


def _other_points(cell: Cell, ordinal: int, played: Played, clean: Played) -> Iterator[str]:
    mine, theirs = _points(played, ordinal), _points(clean, ordinal)
    within = POINT_SHARE if cell.unit == "ideal" else NOISY_SHARE
    quality = [event.body for event in played.of("quality")]
    flagged = bool(quality) and quality[-1].verdict != "good"
    if len(mine) < len(theirs) and not flagged:
        yield f"completed, but {len(mine)} points of {len(theirs)}"
    far = [
        f"{abs(mine[f] - z) / abs(z):.0%} at {f:g} Hz"
        for f, z in theirs.items()
        if f in mine and abs(mine[f] - z) > within * abs(z)
    ]
    if far and not flagged:
        yield f"completed and good, but points are wrong: {', '.join(far[:3])}"


def _points(played: Played, ordinal: int) -> dict[float, complex]:
    bodies = [event.body for event in played.of("point") if event.body.segment == ordinal]
    last = max((body.attempt for body in bodies), default=0)
    return {
        body.frequency_Hz: complex(body.real_ohm, body.imaginary_ohm)
        for body in bodies
        if body.attempt == last and not body.error
    }


def _wrong_amplitude(played: Played) -> Iterator[str]:
    """A spectrum that counts, whose AC was not the one that its points name."""
    good = {event.body.segment for event in played.of("quality") if event.body.verdict == "good"}
    points = [event for event in played.of("point") if event.body.segment in good and not event.body.error]
    last = {event.body.segment: event.body.attempt for event in points}
    for event in points:
        point = event.body
        near = [look.ac_V for look in played.looked if abs(look.time_s - event.time_s) <= AC_WITHIN_S]
        is_counted = point.attempt == last[point.segment]
        if is_counted and near and not 0.5 < max(near) / point.amplitude_V < 1.5:
            yield f"good, but {max(near):.2g} V rms at {point.frequency_Hz:g} Hz, not {point.amplitude_V:g}"


def _wrong_charge(played: Played, clean: Played) -> Iterator[str]:
    edges = played.of("edge")
    if not edges or not played.is_verified:
        return  # what goes on to flow is for the next session to count
    biggest_A = max(abs(look.current_A) for look in clean.looked)
    passed_C = sum(abs(after.charge_C - before.charge_C) for before, after in pairwise(played.looked))
    stated_C = sum(gap.body.uncertainty_C for gap in played.of("gap"))
    attempts = len(played.of("segment"))
    on_s = sum(b.time_s - a.time_s for a, b in pairwise(played.looked) if a.closed and b.closed)
    allowed_C = stated_C + CHARGE_SHARE * passed_C + attempts * CHARGE_S * biggest_A + NOISE_A * (1.0 + on_s)
    if abs(_off_C(played)) > allowed_C:
        yield f"charge {edges[-1].body.charge_C:.3e} C, in truth {played.truth.charge_C:.3e} C, stated {stated_C:.1e} C"


def _off_C(played: Played) -> float:
    edges = played.of("edge")
    return float(edges[-1].body.charge_C - played.truth.charge_C) if edges else 0.0


@dataclass
class _Truths:
    """The truth of a run by time."""

    played: Played

    def __post_init__(self) -> None:
        self.times = [look.time_s for look in self.played.looked]

    def around(self, time_s: float, window_s: float) -> list[tuple[float, float]]:
        """Return voltages and currents from just before `time_s - window_s` to just after `time_s + window_s`."""
        first = max(bisect_left(self.times, time_s - window_s) - 1, 0)
        last = bisect_right(self.times, time_s + window_s) + 1
        return [(look.voltage_V, look.current_A) for look in self.played.looked[first:last]]

    def slope_V_s(self, time_s: float) -> float:
        """Return how fast the voltage moved just before a time, at most (V/s)."""
        before = max(bisect_left(self.times, time_s), 1)
        looked = self.played.looked[max(before - 4, 0) : before]
        pairs = pairwise(looked)
        return max(
            (abs(b.voltage_V - a.voltage_V) / max(b.time_s - a.time_s, 0.02) for a, b in pairs), default=0.0
        )


def _wrong_samples(played: Played, gain: float) -> Iterator[str]:
    """A stored reading that the cell never had, and that nothing tells of."""
    truths = _Truths(played)
    last_s = played.events[-1].time_s
    flags = [event.time_s for event in played.events if event.kind in FLAGS]
    doubted = [event.time_s for event in played.of("paused") if event.body.by == "program"]
    resumed = [event.time_s for event in played.of("resumed")]
    flags += doubted
    if played.result.outcome in ("limit", "fault"):
        flags.append(last_s)
    found = []
    for sample in played.of("sample"):
        if sample.body.overload:
            continue
        near = truths.around(sample.time_s, 0.3)
        voltages, currents = [v for v, _ in near], [a for _, a in near]
        tolerance_V = VOLTAGE_V + gain * max(abs(v) for v in voltages) + 0.5 * truths.slope_V_s(sample.time_s)
        is_V = min(voltages) - tolerance_V <= sample.body.voltage_V <= max(voltages) + tolerance_V
        tolerance_A = RANGE_A + CURRENT_SHARE * max(abs(a) for a in currents)
        is_A = min(currents) - tolerance_A <= sample.body.current_A <= max(currents) + tolerance_A
        if is_V and is_A:
            continue
        # Stored with the mark of a pause, which the program began since it does not believe what it reads.
        if sample.body.paused and bisect_left(resumed, sample.time_s) < bisect_left(doubted, sample.time_s):
            continue
        if not any(sample.time_s - 1.0 <= flag <= sample.time_s + FLAGGED_WITHIN_S for flag in flags):
            found.append(
                f"{sample.body.voltage_V:.4f} V {sample.body.current_A:.3e} A at {sample.time_s:.1f} s, "
                f"in truth {voltages[len(voltages) // 2]:.4f} V {currents[len(currents) // 2]:.3e} A"
            )
    if found:
        yield f"{len(found)} readings are wrong and not flagged: {found[0]}"
