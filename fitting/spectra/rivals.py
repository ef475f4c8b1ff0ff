"""Circuits that describe a spectrum about as well as the one that was chosen, and what they say of its resistances.

A standard error tells how well a spectrum determines a resistance within one circuit. That another circuit with one
parameter more, a depressed arc for a round one, has half or twice the resistance is not in it. AICc then has chosen the
simpler one without being able to tell the two apart. So an error includes how far the nearest of the others are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from solbench.fitting.circuit import Circuit, Leaf, Node, Parallel, Series
from solbench.fitting.circuit_fit import FitResult, Rival

WORSE = 4.0
"""In AICc: from there on a model has considerably less support, by Burnham and Anderson."""
MORE_PARAMETERS = 1
"""A circuit that is richer by more takes noise for arcs, and would make every error wide."""
_SAME_ARC = math.log(5.0)  # of time constants


@dataclass(frozen=True)
class _Resistance:
    """A resistance (ohm) in series with the rest; of an arc with the logarithm of its time constant (s)."""

    name: str
    ohm: float
    log_tau: float | None


def with_rivals(result: FitResult, rivals: tuple[Rival, ...]) -> FitResult:
    """Return a fit with its rivals, and with the standard errors that these leave."""
    told = replace(result, rivals=rivals)
    wider = {name: math.hypot(error, _apart_ohm(told, name)) for name, error in result.stderr.items()}
    return replace(told, stderr=wider)


def furthest(result: FitResult, name: str) -> tuple[Rival, float] | None:
    """Return the rival whose resistance (ohm) in place of one of a fit is furthest away, and that; None for none."""
    own = next((one for one in _resistances(result.circuit, result.values) if one.name == name), None)
    if own is None:
        return None
    found = [(rival, other) for rival in result.rivals if (other := _in_its_place(own, rival)) is not None]
    return max(found, key=lambda pair: abs(pair[1] - own.ohm), default=None)


def total_apart_ohm(result: FitResult) -> float:
    """Return how far the sum of all resistances is from that of the rival that is furthest away (ohm)."""
    own = _sum_ohm(result.circuit, result.values)
    return max((abs(_sum_ohm(one.circuit, one.values) - own) for one in result.rivals), default=0.0)


def _apart_ohm(result: FitResult, name: str) -> float:
    other = furthest(result, name)
    return 0.0 if other is None else abs(other[1] - result.values[name])


def _in_its_place(own: _Resistance, rival: Rival) -> float | None:
    """Return the resistance of the nearest arc (ohm), or of what is in series; None where there is none."""
    there = _resistances(rival.circuit, rival.values)
    if own.log_tau is None:
        return next((one.ohm for one in there if one.log_tau is None), None)
    near = [(abs(one.log_tau - own.log_tau), one.ohm) for one in there if one.log_tau is not None]
    distance, ohm = min(near, default=(math.inf, 0.0))
    return ohm if distance < _SAME_ARC else None


def _sum_ohm(circuit: Circuit, values: Mapping[str, float]) -> float:
    return sum(one.ohm for one in _resistances(circuit, values))


def _resistances(circuit: Circuit, values: Mapping[str, float]) -> Iterator[_Resistance]:
    for block in circuit.blocks:
        if isinstance(block, Leaf):
            if block.element.symbol == "R":
                yield _Resistance(block.name, values[block.name], None)
        elif isinstance(block, Parallel) and len(block.parts) == 2:
            resistor, other = _resistor(block.parts[0]), block.parts[1]
            if resistor is not None and isinstance(other, Leaf) and other.element.symbol in ("C", "CPE"):
                ohm = values[resistor.name]
                if other.element.symbol == "C":
                    log_tau = math.log(ohm * values[other.name])
                else:
                    log_tau = math.log(ohm * values[f"{other.name}_0"]) / values[f"{other.name}_1"]
                yield _Resistance(resistor.name, ohm, log_tau)


def _resistor(node: Node) -> Leaf | None:
    """Return the resistor of an arc, alone or in series with a Warburg impedance."""
    first = node.parts[0] if isinstance(node, Series) and not isinstance(node, Parallel) else node
    return first if isinstance(first, Leaf) and first.element.symbol == "R" else None
