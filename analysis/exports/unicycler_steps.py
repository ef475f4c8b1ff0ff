"""Segments as steps of a unicycler protocol, one function for each kind."""

import math
from collections.abc import Iterator
from itertools import pairwise

from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece
from solbench.protocols import segments
from solbench.protocols.files import Fields

Steps = Iterator[Fields]
_HIGHEST_HZ, _LOWEST_HZ = 1e7, 1e-5


def rest(piece: Piece[segments.Rest], losses: Losses) -> Steps:
    """Write a rest."""
    if piece.segment.slope_V_s is not None:
        losses.add(piece.place, "a rest until the voltage is steady became one of the maximum duration")
    yield {"step": "open_circuit_voltage", "until_time_s": piece.segment.at_most_s}


def constant_current(piece: Piece[segments.ConstantCurrent], losses: Losses) -> Steps:
    """Write a constant current; a charge becomes a time."""
    segment = piece.segment
    found: Fields = {"step": "constant_current", "current_mA": segment.current_A * 1e3}
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
        losses.add(piece.place, f"no end is left; a time limit of {_LONGEST_S:.0f} s was added")
    yield found


def scan(piece: Piece[segments.Scan], losses: Losses) -> Steps:
    """Write a voltage sweep, each part of it by itself."""
    segment = piece.segment
    losses.add(piece.place, "the current at which the sweep ends cannot be expressed")
    if segment.step_V is not None:
        losses.add(piece.place, "the staircase became a line")
    for first_V, last_V in pairwise(segment.levels_V):
        yield {
            "step": "voltage_scan",
            "start_voltage_V": first_V,
            "end_voltage_V": last_V,
            "scan_rate_mV_per_s": segment.rate_V_s * 1e3,
        }


_LONGEST_S = 86400.0  # so that a step whose only end cannot be written does not run for ever


def constant_voltage(piece: Piece[segments.ConstantVoltage], losses: Losses) -> Steps:
    """Write a constant voltage."""
    place, segment = piece.place, piece.segment
    found: Fields = {"step": "constant_voltage", "voltage_V": segment.voltage_V}
    for end in segment.ends:
        if end.outcome == "cut_short":
            continue
        if end.quantity == "time":
            found["until_time_s"] = end.value
        elif end.quantity == "current_below":
            found["until_current_mA"] = end.value * 1e3
        else:
            losses.add(place, f"the end by charge ({end.text}) cannot be expressed under constant voltage")
    if len(found) == 2:
        found["until_time_s"] = _LONGEST_S
        losses.add(place, f"no end is left; a time limit of {_LONGEST_S:.0f} s was added")
    yield found


def spectrum(piece: Piece[segments.Sweep], losses: Losses) -> Steps:
    """Write a spectrum inside the range of frequencies that there is."""
    place, segment = piece.place, piece.segment
    inside = [f for f in segment.frequencies_Hz if _LOWEST_HZ <= f <= _HIGHEST_HZ]
    if len(inside) < len(segment.frequencies_Hz):
        losses.add(place, f"frequencies above {_HIGHEST_HZ:.0e} Hz or below {_LOWEST_HZ:.0e} Hz are left out")
    losses.add(place, f"the integration of {segment.integration_s:g} s a point cannot be expressed")
    if segment.timings or segment.settled_within is not None or segment.repeat_points_above is not None:
        losses.add(place, "how single points are timed, and measured again, cannot be expressed")
    held = "without a direct current" if segment.amplitude_A else "held at the open-circuit voltage"
    if (direct := segment.direct) is not None:
        at = f"{direct.voltage_V:g} V" if direct.voltage_V is not None else f"{direct.current_A:g} A"
        held = f"measured while {at} are held for {direct.hold_s:g} s before and during it"
    losses.add(place, f"that the amplitude is rms, and {held}, cannot be expressed")
    if segment.amplitude_A:
        losses.add(
            place,
            f"that it is lowered where it drops more than {segment.amplitude_V:g} V cannot be expressed",
        )
    if segment.instruments != "pair":
        losses.add(place, "that the 1260 measures alone cannot be expressed")
    steps = [math.log10(high / low) for high, low in pairwise(inside)]
    yield {
        "step": "impedance_spectroscopy",
        **_amplitude(segment),
        "start_frequency_Hz": inside[0],
        "end_frequency_Hz": inside[-1],
        "points_per_decade": round(1 / steps[0]) if steps else 1,
        "measures_per_point": 1,
        "drift_correction": False,
    }


def _amplitude(segment: segments.Sweep) -> Fields:
    if segment.amplitude_A:
        return {"amplitude_mA": segment.amplitude_A * 1e3}
    return {"amplitude_V": segment.amplitude_V}


def polarization(piece: Piece[segments.Polarization], losses: Losses) -> Steps:
    """Write a polarization as holds."""
    segment = piece.segment
    losses.add(piece.place, "a polarization until the current is steady became one of the maximum duration")
    for sign in (1, -1) if segment.both_signs else (1,):
        yield {"step": "constant_voltage", "voltage_V": 0.0, "until_time_s": segment.baseline_s}
        yield {
            "step": "constant_voltage",
            "voltage_V": sign * segment.voltage_V,
            "until_time_s": segment.at_most_s,
        }
