"""The protocol as a unicycler protocol (aurora-unicycler 0.4), in JSON.

unicycler ends a step by time or by one voltage: a charge becomes the time that the current takes, with the
safety limit of capacity beside it.
"""

import json
from collections.abc import Iterator

from solbench.analysis.exports.expressions import expression_of
from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import AnyPiece, Repeat, pieces_of
from solbench.analysis.exports.source import Source
from solbench.protocols import Build, Protocol, limits_for, segments
from solbench.protocols.files import Fields
from solbench.protocols.segments import ends_of

VERSION = "0.4.6"
_C_IN_mAh = 3.6
_SPARE = 1.02  # or the gain of an ammeter would cancel the experiment just before the step's own end


def export_unicycler(source: Source, folder: Folder) -> None:
    """Write `RUN_unicycler.json`, and what it could not express as `RUN_unicycler_losses.txt`."""
    data, losses = to_unicycler(source.protocol, source.build)
    folder.write(f"{source.stem}_unicycler.json", json.dumps(data, indent=2) + "\n")
    title = f"unicycler protocol of {source.header.protocol.name}" + source.mark
    folder.write(f"{source.stem}_unicycler_losses.txt", losses.as_text(title))


def to_unicycler(protocol: Protocol, build: Build) -> tuple[Fields, Losses]:
    """Translate a protocol for a build; returns plain data and what was lost."""
    losses = Losses()
    whole = pieces_of(protocol, build)
    data: Fields = {
        "unicycler": {"version": VERSION},
        "sample": {"name": "$NAME", "capacity_mAh": build.capacity_C and build.capacity_C / _C_IN_mAh},
        "record": _record(protocol, losses),
        "safety": {**_safety(protocol, build, whole, losses)},
        "method": list(_method(whole, losses)),
    }
    _say_what_has_no_place(protocol, losses)
    return data, losses


def _record(protocol: Protocol, losses: Losses) -> Fields:
    rule = protocol.record
    if any(getattr(step, "record", None) is not None for step in protocol.steps):
        losses.add("record", "there is one rule for all steps; those of single steps are left out")
    if rule is None:
        return {"time_s": 1.0}
    found: Fields = {"time_s": rule.every.value}
    return found | ({"voltage_V": rule.voltage_change.value} if rule.voltage_change else {})


def _say_what_has_no_place(protocol: Protocol, losses: Losses) -> None:
    losses.add(
        "build", f"the build '{protocol.build}' of the cell cannot be expressed; all values hold only for it"
    )
    for name in ("temperature", "stack_pressure"):
        losses.add(f"conditions.{name}", f"'{getattr(protocol.conditions, name)}' cannot be expressed")
    losses.add("readings", "the check of the current's direction and of the start window cannot be expressed")


def _safety(
    protocol: Protocol, build: Build, whole: tuple[AnyPiece | Repeat, ...], losses: Losses
) -> dict[str, float]:
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


def _cut_short(piece: AnyPiece, flat: list[AnyPiece], safety: dict[str, float], losses: Losses) -> None:
    """Make a safety limit of a voltage that cuts the run short, where no other step has to go beyond it."""
    for end in ends_of(piece.segment):
        if end.outcome != "cut_short":
            continue
        place = f"{piece.place}.cut_short"
        if end.quantity not in ("voltage_below", "voltage_above"):
            losses.add(place, f"{end.text} cannot be expressed and is left out")
            continue
        below = end.quantity == "voltage_below"
        others = [value for other in flat for value in _voltages(other)]
        if any(value <= end.value if below else value >= end.value for value in others):
            losses.add(place, f"{end.text} is left out: as a safety limit it would stop other steps too")
            continue
        name = "min_voltage_V" if below else "max_voltage_V"
        safety[name] = max(safety[name], end.value) if below else min(safety[name], end.value)
        losses.add(place, f"{end.text} became the safety limit {name}, which acts in every step")


def _voltages(piece: AnyPiece) -> list[float]:
    segment = piece.segment
    ends = [end.value for end in ends_of(segment) if end.outcome != "cut_short" and "voltage" in end.quantity]
    held = getattr(segment, "voltage_V", None)
    return ends if held is None else [*ends, held]


def _flat(whole: tuple[AnyPiece | Repeat, ...]) -> Iterator[AnyPiece]:
    for part in whole:
        if isinstance(part, Repeat):
            yield from _flat(part.pieces)
        else:
            yield part


def _method(whole: tuple[AnyPiece | Repeat, ...], losses: Losses, path: str = "") -> Iterator[Fields]:
    for part in whole:
        if isinstance(part, Repeat):
            tag = f"{path}{part.name}"
            yield {"step": "tag", "tag": tag}
            yield from _method(part.pieces, losses, f"{tag}.")
            yield {"step": "loop", "loop_to": tag, "cycle_count": part.count}
        else:
            yield from expression_of(part.segment).unicycler(part, losses)
