"""The protocol as a unicycler protocol (aurora-unicycler 0.4), in JSON.

unicycler ends a step by time or by one voltage: a charge becomes the time that the current takes, with the
safety limit of capacity beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, assert_never

from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece, Repeat, pieces_of
from solbench.analysis.exports.source import Source
from solbench.protocols import Build, Protocol, limits_for, segments

VERSION = "0.4.6"
_HIGHEST_HZ, _LOWEST_HZ = 1e7, 1e-5
_C_IN_mAh = 3.6
_SPARE = 1.02  # or the gain of an ammeter would cancel the experiment just before the step's own end

Step = dict[str, Any]


def export_unicycler(source: Source, folder: Folder) -> None:
    """Write `RUN_unicycler.json`, and what it could not express as `RUN_unicycler_losses.txt`."""
    data, losses = to_unicycler(source.protocol, source.build)
    folder.write(f"{source.stem}_unicycler.json", json.dumps(data, indent=2) + "\n")
    title = f"unicycler protocol of {source.header['protocol']['name']}" + source.mark
    folder.write(f"{source.stem}_unicycler_losses.txt", losses.as_text(title))


def to_unicycler(protocol: Protocol, build: Build) -> tuple[dict[str, Any], Losses]:
    """Translate a protocol for a build; returns plain data and what was lost."""
    losses = Losses()
    whole = pieces_of(protocol, build)
    data = {
        "unicycler": {"version": VERSION},
        "sample": {"name": "$NAME", "capacity_mAh": build.capacity_C and build.capacity_C / _C_IN_mAh},
        "record": _record(protocol, losses),
        "safety": _safety(protocol, build, whole, losses),
        "method": list(_method(whole, losses)),
    }
    _say_what_has_no_place(protocol, losses)
    return data, losses


def _record(protocol: Protocol, losses: Losses) -> Step:
    rule = protocol.record
    if any(getattr(step, "record", None) is not None for step in protocol.steps):
        losses.add("record", "there is one rule for all steps; those of single steps are left out")
    if rule is None:
        return {"time_s": 1.0}
    found = {"time_s": rule.every.value}
    return found | ({"voltage_V": rule.voltage_change.value} if rule.voltage_change else {})


def _say_what_has_no_place(protocol: Protocol, losses: Losses) -> None:
    losses.add("build", f"the build '{protocol.build}' of the cell has no place; all values are for it alone")
    for name in ("temperature", "stack_pressure"):
        losses.add(f"conditions.{name}", f"'{getattr(protocol.conditions, name)}' has no place")
    losses.add("readings", "the check of the current's direction and of the start window has no place")


def _safety(protocol: Protocol, build: Build, whole: tuple[Piece | Repeat, ...], losses: Losses) -> Step:
    limits = limits_for(protocol.safety, build)
    found = {
        "max_voltage_V": limits.voltage_max_V,
        "min_voltage_V": limits.voltage_min_V,
        "max_current_mA": limits.current_max_A * 1e3,
        "min_current_mA": -limits.current_max_A * 1e3,
    }
    flat = list(_flat(whole))
    charges = [
        piece.segment
        for piece in flat
        if isinstance(piece.segment, segments.ConstantCurrent) and piece.charge_C
    ]
    if charges:
        largest_C = max(end.value for s in charges for end in s.ends if end.quantity == "charge")
        found["max_capacity_mAh"] = largest_C * _SPARE / _C_IN_mAh
        losses.add(
            "safety.max_capacity_mAh", "2 % above the largest charge of a step, and for all steps alike"
        )
    for piece in flat:
        _cut_short(piece, flat, found, losses)
    return found


def _cut_short(piece: Piece, flat: list[Piece], safety: Step, losses: Losses) -> None:
    """Make a safety limit of a voltage that cuts the run short, where no other step has to go beyond it."""
    for end in getattr(piece.segment, "ends", ()):
        if end.outcome != "cut_short":
            continue
        place = f"{piece.place}.cut_short"
        if end.quantity not in ("voltage_below", "voltage_above"):
            losses.add(place, f"{end.text} has no place and is left out")
            continue
        below = end.quantity == "voltage_below"
        others = [value for other in flat for value in _voltages(other)]
        if any(value <= end.value if below else value >= end.value for value in others):
            losses.add(place, f"{end.text} is left out: as a safety limit it would stop other steps too")
            continue
        name = "min_voltage_V" if below else "max_voltage_V"
        safety[name] = max(safety[name], end.value) if below else min(safety[name], end.value)
        losses.add(place, f"{end.text} became the safety limit {name}, which acts in every step")


def _voltages(piece: Piece) -> list[float]:
    segment = piece.segment
    ends = [
        end.value
        for end in getattr(segment, "ends", ())
        if end.outcome != "cut_short" and "voltage" in end.quantity
    ]
    held = getattr(segment, "voltage_V", None)
    return ends if held is None else [*ends, held]


def _flat(whole: tuple[Piece | Repeat, ...]) -> Iterator[Piece]:
    for part in whole:
        if isinstance(part, Repeat):
            yield from _flat(part.pieces)
        else:
            yield part


def _method(whole: tuple[Piece | Repeat, ...], losses: Losses, path: str = "") -> Iterator[Step]:
    for part in whole:
        if isinstance(part, Repeat):
            tag = f"{path}{part.name}"
            yield {"step": "tag", "tag": tag}
            yield from _method(part.pieces, losses, f"{tag}.")
            yield {"step": "loop", "loop_to": tag, "cycle_count": part.count}
        else:
            yield from _steps(part, losses)


def _steps(piece: Piece, losses: Losses) -> Iterator[Step]:
    place, segment = piece.place, piece.segment
    match segment:
        case segments.Rest():
            if segment.slope_V_s is not None:
                losses.add(place, "a rest until the voltage is steady became one of the longest time")
            yield {"step": "open_circuit_voltage", "until_time_s": segment.at_most_s}
        case segments.ConstantCurrent():
            yield _constant_current(piece, segment, losses)
        case segments.ConstantVoltage():
            yield _constant_voltage(place, segment, losses)
        case segments.Sweep():
            yield _spectrum(place, segment, losses)
        case segments.Polarization():
            losses.add(place, "a polarization until the current is steady became one of the longest time")
            yield from _polarization(segment)
        case _:
            assert_never(segment)


def _constant_current(piece: Piece, segment: segments.ConstantCurrent, losses: Losses) -> Step:
    found: Step = {"step": "constant_current", "current_mA": segment.current_A * 1e3}
    times_s = [end.value for end in segment.ends if end.quantity == "time" and end.outcome != "cut_short"]
    if piece.charge_C is not None:
        times_s.append(piece.charge_C / abs(segment.current_A))
        losses.add(
            piece.place,
            "the end by charge became the time that the set current takes, without its true value",
        )
    for end in segment.ends:
        if "voltage" not in end.quantity or end.outcome == "cut_short":
            continue
        if end.value == 0:
            losses.add(piece.place, "an end at 0 V cannot be written (it counts as missing)")
        else:
            found["until_voltage_V"] = end.value
        if piece.charge_C is not None:
            losses.add(
                piece.place, f"after the end at {end.text} the rests and spectra of later states follow"
            )
    if times_s:
        found["until_time_s"] = min(times_s)
    elif "until_voltage_V" not in found:
        found["until_time_s"] = _LONGEST_S
        losses.add(piece.place, f"no end is left but the time of {_LONGEST_S:.0f} s, which was put in")
    return found


_LONGEST_S = 86400.0  # so that a step whose only end cannot be written does not go on for ever


def _constant_voltage(place: str, segment: segments.ConstantVoltage, losses: Losses) -> Step:
    found: Step = {"step": "constant_voltage", "voltage_V": segment.voltage_V}
    for end in segment.ends:
        if end.outcome == "cut_short":
            continue
        if end.quantity == "time":
            found["until_time_s"] = end.value
        elif end.quantity == "current_below":
            found["until_current_mA"] = end.value * 1e3
        else:
            losses.add(place, f"the end by charge ({end.text}) has no place under constant voltage")
    if len(found) == 2:
        found["until_time_s"] = _LONGEST_S
        losses.add(place, f"no end is left but the time of {_LONGEST_S:.0f} s, which was put in")
    return found


def _spectrum(place: str, segment: segments.Sweep, losses: Losses) -> Step:
    inside = [f for f in segment.frequencies_Hz if _LOWEST_HZ <= f <= _HIGHEST_HZ]
    if len(inside) < len(segment.frequencies_Hz):
        losses.add(place, f"frequencies above {_HIGHEST_HZ:.0e} Hz or below {_LOWEST_HZ:.0e} Hz are left out")
    losses.add(place, f"the integration of {segment.integration_s:g} s a point has no place")
    losses.add(place, "that the amplitude is rms, and held at the open-circuit voltage, has no place")
    if segment.instruments != "pair":
        losses.add(place, "that the 1260 measures alone has no place")
    steps = [math.log10(high / low) for high, low in pairwise(inside)]
    return {
        "step": "impedance_spectroscopy",
        "amplitude_V": segment.amplitude_V,
        "start_frequency_Hz": inside[0],
        "end_frequency_Hz": inside[-1],
        "points_per_decade": round(1 / steps[0]) if steps else 1,
        "measures_per_point": 1,
        "drift_correction": False,
    }


def _polarization(segment: segments.Polarization) -> Iterator[Step]:
    signs = (1, -1) if segment.both_signs else (1,)
    for sign in signs:
        yield {"step": "constant_voltage", "voltage_V": 0.0, "until_time_s": segment.baseline_s}
        yield {
            "step": "constant_voltage",
            "voltage_V": sign * segment.voltage_V,
            "until_time_s": segment.at_most_s,
        }
