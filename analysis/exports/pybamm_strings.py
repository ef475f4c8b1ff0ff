"""Segments as strings of a PyBaMM experiment, one function for each kind.

PyBaMM tells the direction by the verb and takes magnitudes; a string ends by a time, one value, or both.
"""

from collections.abc import Iterator

from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece
from solbench.protocols import segments

Strings = Iterator[str]


def rest(piece: Piece[segments.Rest], losses: Losses) -> Strings:
    """Write a rest."""
    if piece.segment.slope_V_s is not None:
        losses.add(piece.place, "a rest until the voltage is steady became one of the maximum duration")
    yield f"Rest for {_plain(piece.segment.at_most_s)} s"


def polarization(piece: Piece[segments.Polarization], losses: Losses) -> Strings:
    """Write a polarization as holds."""
    segment = piece.segment
    losses.add(piece.place, "a polarization until the current is steady became one of the maximum duration")
    for sign in (1, -1) if segment.both_signs else (1,):
        yield f"Hold at 0 V for {_plain(segment.baseline_s)} s"
        yield f"Hold at {_plain(sign * segment.voltage_V)} V for {_plain(segment.at_most_s)} s"


def constant_current(piece: Piece[segments.ConstantCurrent], losses: Losses) -> Strings:
    """Write a constant current; a charge becomes a time."""
    segment = piece.segment
    verb = "Charge" if segment.current_A > 0 else "Discharge"
    times_s = [end.value for end in segment.ends if end.quantity == "time" and end.outcome != "cut_short"]
    if piece.charge_C is not None:
        times_s.append(piece.charge_C / abs(segment.current_A))
        losses.add(piece.place, "the end by charge became the time that the set current takes")
    voltage = None
    for end in segment.ends:
        if end.outcome == "cut_short":
            losses.add(f"{piece.place}.cut_short", f"{end.text} cannot be expressed and is left out")
        elif "voltage" in end.quantity:
            voltage = f"{_plain(end.value)} V"
    yield f"{verb} at {_plain(abs(segment.current_A))} A" + _ends(times_s, voltage)


def constant_voltage(piece: Piece[segments.ConstantVoltage], losses: Losses) -> Strings:
    """Write a constant voltage; a charge cannot be expressed."""
    place, segment = piece.place, piece.segment
    times_s = [end.value for end in segment.ends if end.quantity == "time" and end.outcome != "cut_short"]
    current = None
    for end in segment.ends:
        if end.quantity == "current_below":
            current = f"{_plain(end.value)} A"
        elif end.outcome == "cut_short" or end.quantity == "charge":
            losses.add(
                place, f"the end {end.text} cannot be expressed under constant voltage and is left out"
            )
    if not times_s and current is None:
        times_s = [86400.0]
        losses.add(place, "no end is left; a time limit of 86400 s was added")
    yield f"Hold at {_plain(segment.voltage_V)} V" + _ends(times_s, current)


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
