"""The protocol as steps of a PyBaMM experiment, in a Python file that holds a list `steps`.

PyBaMM tells the direction by the verb and takes magnitudes; a string ends by a time, one value, or both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece, Repeat, pieces_of
from solbench.analysis.exports.source import Source
from solbench.protocols import Build, Protocol, segments

Node = str | tuple[int, list["Node"]]  # a string, or a count and what is repeated


def export_pybamm(source: Source, folder: Folder) -> None:
    """Write `RUN_pybamm.py`, and what it could not express as `RUN_pybamm_losses.txt`."""
    nodes, losses = to_pybamm(source.protocol, source.build)
    title = f"PyBaMM experiment of {source.header['protocol']['name']}" + source.mark
    folder.write(f"{source.stem}_pybamm.py", as_python(nodes, title))
    folder.write(f"{source.stem}_pybamm_losses.txt", losses.as_text(title))


def to_pybamm(protocol: Protocol, build: Build) -> tuple[list[Node], Losses]:
    """Translate a protocol for a build; returns strings, and loops as (count, what is in it)."""
    losses = Losses()
    losses.add(
        "build", f"values are for the build '{protocol.build}' alone; the model of the cell is PyBaMM's"
    )
    if protocol.conditions.temperature != "unknown":
        losses.add(
            "conditions.temperature", f"{protocol.conditions.temperature}: give it as a keyword of Experiment"
        )
    losses.add("conditions.stack_pressure", "has no place")
    losses.add("safety", "limits of voltage and current have no place")
    return list(_nodes(pieces_of(protocol, build), losses)), losses


def _nodes(whole: tuple[Piece | Repeat, ...], losses: Losses) -> Iterator[Node]:
    for part in whole:
        if isinstance(part, Repeat):
            inside = list(_nodes(part.pieces, losses))
            if inside:
                yield part.count, inside
        else:
            yield from _strings(part, losses)


def _strings(piece: Piece, losses: Losses) -> Iterator[str]:
    place, segment = piece.place, piece.segment
    match segment:
        case segments.Rest():
            if segment.slope_V_s is not None:
                losses.add(place, "a rest until the voltage is steady became one of the longest time")
            yield f"Rest for {_plain(segment.at_most_s)} s"
        case segments.ConstantCurrent():
            yield _constant_current(piece, segment, losses)
        case segments.ConstantVoltage():
            yield _constant_voltage(place, segment, losses)
        case segments.Sweep():
            losses.add(place, "a spectrum cannot be expressed and is left out")
        case segments.Polarization():
            losses.add(place, "a polarization until the current is steady became one of the longest time")
            for sign in (1, -1) if segment.both_signs else (1,):
                yield f"Hold at 0 V for {_plain(segment.baseline_s)} s"
                yield f"Hold at {_plain(sign * segment.voltage_V)} V for {_plain(segment.at_most_s)} s"
        case _:
            assert_never(segment)


def _constant_current(piece: Piece, segment: segments.ConstantCurrent, losses: Losses) -> str:
    verb = "Charge" if segment.current_A > 0 else "Discharge"
    times_s = [end.value for end in segment.ends if end.quantity == "time" and end.outcome != "cut_short"]
    if piece.charge_C is not None:
        times_s.append(piece.charge_C / abs(segment.current_A))
        losses.add(piece.place, "the end by charge became the time that the set current takes")
    voltage = None
    for end in segment.ends:
        if end.outcome == "cut_short":
            losses.add(f"{piece.place}.cut_short", f"{end.text} has no place and is left out")
        elif "voltage" in end.quantity:
            voltage = f"{_plain(end.value)} V"
    return f"{verb} at {_plain(abs(segment.current_A))} A" + _ends(times_s, voltage)


def _constant_voltage(place: str, segment: segments.ConstantVoltage, losses: Losses) -> str:
    times_s = [end.value for end in segment.ends if end.quantity == "time" and end.outcome != "cut_short"]
    current = None
    for end in segment.ends:
        if end.quantity == "current_below":
            current = f"{_plain(end.value)} A"
        elif end.outcome == "cut_short" or end.quantity == "charge":
            losses.add(place, f"the end {end.text} has no place under constant voltage and is left out")
    if not times_s and current is None:
        times_s = [86400.0]
        losses.add(place, "no end is left but the time of 86400 s, which was put in")
    return f"Hold at {_plain(segment.voltage_V)} V" + _ends(times_s, current)


def _ends(times_s: list[float], until: str | None) -> str:
    time = f" for {_plain(min(times_s))} s" if times_s else ""
    if until is None:
        return time
    return f"{time} or until {until}" if time else f" until {until}"


def _plain(value: float) -> str:
    """Write a number without an exponent or needless digits: PyBaMM's strings are for people.

    >>> _plain(600.0), _plain(0.0001256), _plain(1e-7)
    ('600', '0.0001256', '0.0000001')
    """
    text = f"{value:.12f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def as_python(nodes: list[Node], title: str) -> str:
    """Return a Python file that holds the list `steps`; loops are cycles (tuples), repeated by their count."""
    body = "".join(f"    {_element(node)},\n" for node in nodes)
    return f"# {title}\n# Use: pybamm.Experiment(steps)\nsteps = [\n{body}]\n"


def _element(node: Node) -> str:
    if isinstance(node, str):
        return repr(node)
    count, inside = node
    return f"*[({_inner(inside)},)] * {count}"


def _inner(nodes: list[Node]) -> str:
    return ", ".join(
        repr(node) if isinstance(node, str) else f"*(({_inner(node[1])},) * {node[0]})" for node in nodes
    )
