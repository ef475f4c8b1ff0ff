"""What a spectrum is worth, said as soon as it is measured: while the cell is still in that state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from solbench.drivers.roles import ImpedancePoint

GOOD_RESIDUAL = 0.005  # above it overlapping arcs cannot be told apart
WRONG_RESIDUAL = 0.02


def spectrum_quality(points: Sequence[ImpedancePoint]) -> dict[str, Any]:
    """Return the Kramers-Kronig residual (relative rms; None with too few points), counts and a verdict with reason.

    Points with an error digit of the analyzer are counted and left out of the residual; inductive ones (Z'' > 0)
    are counted and kept.
    """
    import numpy as np

    from solbench.fitting.linear_kk import LEAST_POINTS, kramers_kronig

    sound = [point for point in points if point.error == 0]
    result: dict[str, Any] = {
        "points": len(points),
        "points_with_error": len(points) - len(sound),
        "points_repeated": sum(point.attempts > 1 for point in points),
        "inductive_points": sum(point.impedance_ohm.imag > 0.0 for point in points),
        "kk_residual": None,
    }
    if len(sound) >= LEAST_POINTS:
        frequencies = np.array([point.frequency_Hz for point in sound])
        result["kk_residual"] = float(
            kramers_kronig(frequencies, np.array([point.impedance_ohm for point in sound])).residual
        )
    return result | _verdict(result)


def _verdict(result: dict[str, Any]) -> dict[str, str]:
    residual = result["kk_residual"]
    if residual is None:
        return {"verdict": "look", "reason": "too few sound points for a Kramers-Kronig test"}
    if residual > WRONG_RESIDUAL:
        return {
            "verdict": "wrong",
            "reason": f"Kramers-Kronig residual {residual:.1%}: drift, noise or a loose lead",
        }
    if result["points_with_error"]:
        return {
            "verdict": "look",
            "reason": f"{result['points_with_error']} points with an error of the analyzer",
        }
    if residual > GOOD_RESIDUAL:
        return {
            "verdict": "look",
            "reason": f"Kramers-Kronig residual {residual:.1%}: close arcs cannot be told apart",
        }
    return {"verdict": "good", "reason": f"Kramers-Kronig residual {residual:.2%}"}
