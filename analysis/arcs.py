"""What an arc may be, from its capacitance: a suggestion, never a decision.

Ranges for a sample with a cell constant of 1 cm: Irvine, Sinclair and West, Adv. Mater. 2, 132 (1990). What
belongs to the volume (bulk, grain boundaries) scales with area over thickness, what belongs to a surface with
the area.
"""

from __future__ import annotations

from dataclasses import dataclass

VACUUM_PERMITTIVITY_F_m = 8.8541878128e-12

# label, lowest and highest capacitance in F (volume: at A/L = 1 cm; surface: on 1 cm2)
_VOLUME = (
    ("bulk", 3e-13, 3e-12),
    ("minor second phase", 3e-12, 3e-11),
    ("grain boundary", 1e-11, 1e-8),
)
_SURFACE = (
    ("surface layer", 1e-9, 1e-7),
    ("electrode interface", 1e-7, 1e-5),
    ("electrochemical reaction", 1e-5, 1e-2),
)
_WARNING = (
    "a thick interphase has the capacitance of a grain boundary (0.1-2 nF/cm2 for 90-10 um): only growth with "
    "sodiation tells them apart"
)


@dataclass(frozen=True)
class ArcLabel:
    """Suggested origins of an arc, the likeliest ranges first as listed, with its capacitance (F)."""

    capacitance_F: float
    suggestions: tuple[str, ...]
    warning: str = ""


def effective_capacitance(R_ohm: float, Q: float, alpha: float) -> float:
    """Compute C = Q^(1/alpha) R^(1/alpha - 1) in F, for layers in the volume (Hsu and Mansfeld 2001).

    >>> effective_capacitance(100.0, 1e-6, 1.0)
    1e-06
    """
    return float(Q ** (1 / alpha) * R_ohm ** (1 / alpha - 1))


def surface_capacitance(R0_ohm: float, R1_ohm: float, Q: float, alpha: float) -> float:
    """Compute C = Q^(1/alpha) (1/R0 + 1/R1)^((alpha - 1)/alpha) in F, for surfaces (Brug et al. 1984).

    `R0_ohm` is what lies in series with the arc of `R1_ohm`.

    >>> f"{surface_capacitance(300.0, 60.0, 2.4e-6, 0.85):.2e}"
    '4.88e-07'
    """
    return float(Q ** (1 / alpha) * (1 / R0_ohm + 1 / R1_ohm) ** ((alpha - 1) / alpha))


def layer_capacitance(area_m2: float, thickness_m: float, relative_permittivity: float) -> float:
    """Compute the capacitance (F) of a layer, eps0 eps_r A/d.

    >>> f"{layer_capacitance(0.785e-4, 500e-6, 12):.1e}"
    '1.7e-11'
    """
    return VACUUM_PERMITTIVITY_F_m * relative_permittivity * area_m2 / thickness_m


def suggest_label(capacitance_F: float, area_m2: float, thickness_m: float) -> ArcLabel:
    """Suggest what an arc of this capacitance (F) may be, in a pellet of this area (m2) and thickness (m).

    Capacitances from constant-phase elements are uncertain by some 50 %, so ranges overlap and several
    suggestions may stand side by side.

    >>> suggest_label(17e-12, 0.785e-4, 500e-6).suggestions
    ('bulk',)
    """
    constant_cm = 100 * area_m2 / thickness_m
    area_cm2 = 1e4 * area_m2
    ranges = [(label, low * constant_cm, high * constant_cm) for label, low, high in _VOLUME]
    ranges += [(label, low * area_cm2, high * area_cm2) for label, low, high in _SURFACE]
    found = tuple(label for label, low, high in ranges if low <= capacitance_F <= high)
    thick = "grain boundary" in found or "surface layer" in found
    return ArcLabel(capacitance_F, found or ("outside the customary ranges",), _WARNING if thick else "")
