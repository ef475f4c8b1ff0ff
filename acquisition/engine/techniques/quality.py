"""What a spectrum is worth, judged as soon as it is measured: while the cell is still in that state."""

import math
from collections.abc import Sequence

from solbench.acquisition.record.events import QualityCode, SpectrumQuality
from solbench.drivers.roles import ImpedancePoint
from solbench.fitting.verdicts import Verdict

GOOD_RESIDUAL = 0.005  # above it overlapping arcs cannot be told apart
WRONG_RESIDUAL = 0.02
HOPELESS_RESIDUAL, FIRST_POINTS = 0.2, 12  # of so many first points: the rest of the sweep would be of no use
NEGATIVE_PART = 0.02  # of the modulus: beyond the noise of a point


def spectrum_quality(spectrum: int, points: Sequence[ImpedancePoint]) -> SpectrumQuality:
    """Return the Kramers-Kronig residual (relative rms; None with too few points), counts and a verdict with reason.

    Points with an error digit of the analyzer, and those for which the bench is not known, are counted and left out of
    the residual, as a fit leaves them out; inductive ones (Z'' > 0) are counted and kept.
    """
    known = _known(points)
    residual = _residual(known)
    with_error = sum(point.error != 0 for point in points)
    negative = sum(is_negative(point.impedance_ohm) for point in known)
    unsettled = sum(not point.settled for point in points)
    verdict, code, reason = _verdict(residual, with_error, negative, unsettled)
    return SpectrumQuality(
        spectrum=spectrum,
        points=len(points),
        points_with_error=with_error,
        points_untrusted=sum(not point.trusted for point in points),
        points_repeated=sum(point.attempts > 1 for point in points),
        points_unsettled=unsettled,
        inductive_points=sum(point.impedance_ohm.imag > 0.0 for point in points),
        kk_residual=residual,
        verdict=verdict,
        reason=reason,
        code=code,
    )


def first_residual(points: Sequence[ImpedancePoint]) -> float:
    """Return the Kramers-Kronig residual of a sweep's first points where they have just been measured, else 0.

    Those for which the bench is not known do not count: they may all be at its beginning.
    """
    if not points or sum(point.trusted for point in points) != FIRST_POINTS or not points[-1].trusted:
        return 0.0
    return _residual(_known(points)) or 0.0


def points_off(points: Sequence[ImpedancePoint], above: float, place: int | None = None) -> dict[int, float]:
    """Return the points that are off by more than `above` (relative) from what the others say, by their place.

    With a `place` that one alone. Those with an error of the analyzer are off in any case (by infinity); those for
    which the bench is not known are not looked at.
    """
    import numpy as np

    from solbench.fitting.spectra.sweep_test import points_apart

    wrong = {number: math.inf for number, point in enumerate(points) if point.error}
    known = [number for number, point in enumerate(points) if not point.error and point.trusted]
    frequencies_Hz = np.array([points[number].frequency_Hz for number in known])
    impedances_ohm = np.array([points[number].impedance_ohm for number in known])
    apart = points_apart(
        frequencies_Hz, impedances_ohm, above, known.index(place) if place in known else None
    )
    found = wrong | {known[number]: deviation for number, deviation in apart.items()}
    return found if place is None else {place: found[place]} if place in found else {}


def _known(points: Sequence[ImpedancePoint]) -> list[ImpedancePoint]:
    return [point for point in points if point.error == 0 and point.trusted]


def _residual(points: Sequence[ImpedancePoint]) -> float | None:
    import numpy as np

    from solbench.fitting.linear_kk import LEAST_POINTS, kramers_kronig

    if len(points) < LEAST_POINTS:
        return None

    frequencies_Hz = np.array([point.frequency_Hz for point in points])
    impedances_ohm = np.array([point.impedance_ohm for point in points])
    return float(kramers_kronig(frequencies_Hz, impedances_ohm).residual)


def is_negative(impedance_ohm: complex) -> bool:
    """Say whether the real part is below zero by more than noise, which no cell at open circuit has."""
    return impedance_ohm.real < -NEGATIVE_PART * abs(impedance_ohm)


def _verdict(
    residual: float | None, points_with_error: int, negative: int, unsettled: int
) -> tuple[Verdict, QualityCode, str]:
    if negative:
        reason = f"{negative} points with a negative real part: a cable is turned, or the cell was not held"
        return "wrong", "resistance_negative", reason
    if residual is None:
        return "look", "few_points", "too few valid points for a Kramers-Kronig test"
    shown = f"Kramers-Kronig residual {residual:.1%}"
    if residual > WRONG_RESIDUAL:
        return "wrong", "residual_high", f"{shown}: drift, noise or a loose lead"
    if points_with_error:
        return "look", "points_with_error", f"{points_with_error} points with an error of the analyzer"
    if unsettled:
        return "look", "points_unsettled", f"{unsettled} points that did not settle: wait for more cycles"
    if residual > GOOD_RESIDUAL:
        return "look", "residual_raised", f"{shown}: close arcs cannot be told apart"
    return "good", "good", f"Kramers-Kronig residual {residual:.2%}"
