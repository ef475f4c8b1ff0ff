"""The arcs of a fitted state: resistance, constant phase element, capacitance, time constant, and what they are.

An arc is assigned by the kind of the cell, its capacitance, and what it does from state to state: the fit of the states
(`solbench.fitting.structure`) has a place for each. Bulk and grain boundaries are named only where the spectrum tells
them apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from solbench.fitting.state_fit import StateFit, effective_capacitance_F

ArcLabel = Literal[
    "bulk",
    "grain boundary",
    "electrolyte",
    "interphase",
    "charge transfer",
    "blocking electrode",
    "second electrode arc",
    "second interphase",
    "tail",
]
EPSILON_0_F_m = 8.8541878128e-12
_TOLD = (
    0.1  # relative standard error of both resistances up to which bulk and grain boundaries are told apart
)
_LARGER = 3.0  # by which the capacitance of grain boundaries is at least that of the bulk
_STRAY = 0.2  # of the capacitance: so much of it may be the leads'


@dataclass(frozen=True)
class Arc:
    """One arc of a state; SI units, standard errors None where there is none.

    `q` in S s^n and `n` are those of its constant phase element (a capacitor has n = 1), `capacitance_F` that of the
    capacitor with the same apex, (R^(1-n) Q)^(1/n) (Hsu and Mansfeld 2001), `time_constant_s` (R Q)^(1/n). The tail has
    neither a resistance nor a time constant.
    """

    label: ArcLabel
    r_ohm: float | None
    r_stderr_ohm: float | None
    q: float
    n: float
    capacitance_F: float | None
    time_constant_s: float | None


@dataclass(frozen=True)
class StrayCapacitance:
    """What lies across the cell besides: what is not certain about it (F), None where it is not known at all."""

    stderr_F: float | None


def arcs_of(state: StateFit, stray: StrayCapacitance, *, blocking: bool = False) -> tuple[Arc, ...]:
    """Return the arcs of a state in the order of its circuit; `blocking`: it is a pellet between plungers."""
    apart = are_told_apart(state, stray)
    labels: dict[str, ArcLabel] = {
        "R0": "bulk" if apart else "electrolyte",
        "R1": "grain boundary" if apart else "electrolyte",
        "R2": "interphase",
        "R3": "charge transfer",
        "R4": "blocking electrode",
        "R6": "electrolyte" if blocking else "second electrode arc",
        "R7": "second interphase",
    }
    values, stderr = state.fit.values, state.fit.stderr
    found = [
        _arc(label, values[name], stderr.get(name), *_constant_phase(values, name[1:]))
        for name, label in labels.items()
        if name in values
    ]
    if "CPE5_0" in values:
        found.append(Arc("tail", None, None, values["CPE5_0"], values["CPE5_1"], None, None))
    return tuple(found)


def are_told_apart(state: StateFit, stray: StrayCapacitance) -> bool:
    """Say whether bulk and grain boundaries are two arcs of this spectrum, of which the faster one is the bulk's."""
    values, stderr = state.fit.values, state.fit.stderr
    if not {"R0", "C0", "R1", "CPE1_0"} <= set(values) or "R6" in values or stray.stderr_F is None:
        return False
    r, c = values["R0"], values["C0"]
    apex_Hz = 1.0 / (2.0 * math.pi * r * c)
    sure = all(stderr.get(name, math.inf) < _TOLD * values[name] for name in ("R0", "R1", "C0"))
    q, n = _constant_phase(values, "1")
    return (
        sure
        and apex_Hz <= float(np.max(state.fit.frequency_Hz))
        and effective_capacitance_F(values["R1"], q, n) > _LARGER * c
        and stray.stderr_F < _STRAY * c
    )


def relative_permittivity(arcs: Sequence[Arc], cell_constant_per_m: float) -> float | None:
    """Return that of the bulk, C L / (eps_0 A), where the bulk is told apart; `cell_constant_per_m` is L / A."""
    bulk = next((arc for arc in arcs if arc.label == "bulk"), None)
    if bulk is None or bulk.capacitance_F is None:
        return None
    return bulk.capacitance_F * cell_constant_per_m / EPSILON_0_F_m


def _constant_phase(values: dict[str, float], number: str) -> tuple[float, float]:
    if f"C{number}" in values:
        return values[f"C{number}"], 1.0
    return values[f"CPE{number}_0"], values[f"CPE{number}_1"]


def _arc(label: ArcLabel, r: float, stderr: float | None, q: float, n: float) -> Arc:
    known = stderr if stderr is not None and math.isfinite(stderr) else None
    return Arc(label, r, known, q, n, effective_capacitance_F(r, q, n), float((r * q) ** (1.0 / n)))
