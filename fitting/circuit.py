"""Equivalent circuits as strings: `L0-R0-p(R1,CPE1)-p(R2,CPE2)-CPE3`.

The grammar is that of impedance.py: `-` is series, `p( , )` is parallel, both nest; an element is its symbol
and a number. Parameters are in the order of the string; the parameter of a one-parameter element has the
element's name (`R0`), those of a two-parameter element append `_0` and `_1` (`CPE1_0` is Q, `CPE1_1` the
exponent).

What is not certain about the way in which a spectrum was measured are parameters that a fit shares between spectra. A
current that lags by a nanosecond more than is known multiplies every impedance by 1 + j omega dt; leads with more
inductance add to it. Both bend a spectrum at high frequency as a small arc does, and are the same in all spectra of a
bench. In a fit each is a parameter `u` of which is known beforehand that it is 0 with a standard uncertainty of 1:

    Z_seen = Z (1 + sum u_j relative_j) + sum u_j additive_j

So the uncertainty of what is fitted includes them, as far as the spectra themselves do not tell them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.elements import ELEMENTS, Array, Complex, Element, Grid, Parameter

_ELEMENT = re.compile(r"([A-Za-z]+)([0-9]+)")
FURTHEST = 6.0  # standard uncertainties: beyond, what was known beforehand is wrong
_KNOWN = Parameter("time", "1", math.exp(-FURTHEST), math.exp(FURTHEST))  # its logarithm is u


class CircuitError(ValueError):
    """A circuit string that cannot be read, or parameters that do not fit the circuit."""


@dataclass(frozen=True)
class Leaf:
    """One element; `first` is the index of its first parameter."""

    name: str
    element: Element
    first: int

    @property
    def end(self) -> int:
        """Get the index after its last parameter."""
        return self.first + len(self.element.parameters)


@dataclass(frozen=True)
class Series:
    """Impedances that add."""

    parts: tuple[Node, ...]

    @property
    def first(self) -> int:
        """Get the index of its first parameter."""
        return self.parts[0].first

    @property
    def end(self) -> int:
        """Get the index after its last parameter."""
        return self.parts[-1].end


@dataclass(frozen=True)
class Parallel(Series):
    """Admittances that add."""

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """Get the symbols of its elements in order, "" for a part that is none."""
        return tuple(part.element.symbol if isinstance(part, Leaf) else "" for part in self.parts)


Node = Leaf | Series


class Circuit:
    """A circuit read from a string; equal strings give equal circuits."""

    def __init__(self, text: str, root: Node, leaves: Sequence[Leaf]) -> None:
        self.text = text
        self.root = root
        self.leaves = tuple(leaves)

    def __repr__(self) -> str:
        return f"Circuit({self.text!r})"

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Get the kind, unit and bounds of each parameter."""
        return tuple(p for leaf in self.leaves for p in leaf.element.parameters)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Get the name of each parameter."""
        names: list[str] = []
        for leaf in self.leaves:
            count = len(leaf.element.parameters)
            names += [leaf.name] if count == 1 else [f"{leaf.name}_{k}" for k in range(count)]
        return tuple(names)

    @property
    def units(self) -> tuple[str, ...]:
        """Get the unit of each parameter."""
        return tuple(p.unit for p in self.parameters)

    @property
    def blocks(self) -> tuple[Node, ...]:
        """Get the parts of the outermost series."""
        root = self.root
        return root.parts if isinstance(root, Series) and not isinstance(root, Parallel) else (root,)

    def index(self, name: str) -> int:
        """Get the index of a parameter; raises CircuitError if there is none of that name."""
        if name not in self.names:
            raise CircuitError(f"{self.text} has no parameter {name!r}; it has {', '.join(self.names)}")
        return self.names.index(name)

    def values(self, given: Mapping[str, float] | Sequence[float]) -> Array:
        """Get parameters in order from a mapping or a sequence; CircuitError if any is missing."""
        if isinstance(given, Mapping):
            for name in given:
                self.index(name)
            if missing := [n for n in self.names if n not in given]:
                raise CircuitError(f"values are missing for {', '.join(missing)} of {self.text}")
            return np.array([given[n] for n in self.names], float)
        values = np.asarray(given, float)
        if values.shape != (len(self.names),):
            raise CircuitError(f"{self.text} has {len(self.names)} parameters, not {values.size}")
        return values

    def impedance(self, frequency_Hz: object, given: Mapping[str, float] | Sequence[float]) -> Complex:
        """Compute the impedance (ohm, complex) at frequencies in Hz; parameters in SI units.

        >>> parse("R0-p(R1,C1)").impedance([1e-3, 1e9], [10.0, 5.0, 1e-6]).real.round(6).tolist()
        [15.0, 10.0]
        """
        grid = Grid(np.atleast_1d(np.asarray(frequency_Hz, float)))
        spectrum: Complex = self.impedances(grid, self.values(given)[None, :])[0]
        return spectrum

    def evaluate(self, grid: Grid, values: Array) -> tuple[Complex, Complex]:
        """Compute impedances and their derivatives with respect to the logarithm of each parameter.

        `values` has the shape (sets, parameters); Z (sets, frequencies), dZ/dln p (sets, parameters,
        frequencies).
        """
        derivatives = np.empty((*values.shape, len(grid.omega)), complex)
        return self._evaluated(grid, values, derivatives), derivatives

    def impedances(self, grid: Grid, values: Array) -> Complex:
        """Compute impedances alone, (sets, frequencies)."""
        return self._evaluated(grid, values, None)

    def _evaluated(self, grid: Grid, values: Array, derivatives: Complex | None) -> Complex:
        """Compute all arcs of the outermost series at once, then what else is in it."""
        arcs, others = self._arcs_and_others
        parts = [_evaluate(block, grid, values, derivatives) for block in others]
        if len(arcs):
            parts.append(_evaluate_arcs(arcs, grid, values, derivatives).sum(axis=1))
        return np.asarray(sum(parts[1:], parts[0]), complex)

    @cached_property
    def _arcs_and_others(self) -> tuple[NDArray[np.intp], list[Node]]:
        """Get the places of the arcs p(R,CPE) in the outermost series, and its other parts: most are arcs."""
        arcs = [b for b in self.blocks if isinstance(b, Parallel) and b.symbols == ("R", "CPE")]
        places = np.array([arc.first for arc in arcs], np.intp)
        return places, [block for block in self.blocks if block not in arcs]


@dataclass(frozen=True, eq=False)
class MeasuringChain:
    """What is uncertain about the way in which one spectrum was measured.

    `relative` and `additive` (ohm) of each `u`, shape (names, points).

    Equal `names` are one parameter in all spectra. `weight` of each point by the noise that its current lets expect, 1
    for the least noisy; None where all are alike.
    """

    names: tuple[str, ...]
    relative: Complex
    additive: Complex
    weight: Array | None = None

    def within(self, inside: NDArray[Any]) -> MeasuringChain:
        """Return it for some of the points."""
        weight = None if self.weight is None else self.weight[inside]
        return MeasuringChain(self.names, self.relative[:, inside], self.additive[:, inside], weight)

    @property
    def key(self) -> bytes:
        """Get what tells it from others."""
        return repr(self.names).encode() + self.relative.tobytes() + self.additive.tobytes()


class SeenCircuit(Circuit):
    """A circuit as a measuring chain shows it: its own parameters, then each `u`."""

    def __init__(self, own: Circuit, chain: MeasuringChain) -> None:
        super().__init__(own.text, own.root, own.leaves)
        self.own = own
        self.chain = chain

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Get those of the circuit, and of the chain."""
        return self.own.parameters + (_KNOWN,) * len(self.chain.names)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Get the name of each parameter."""
        return self.own.names + self.chain.names

    def evaluate(self, grid: Grid, values: Array) -> tuple[Complex, Complex]:
        """Compute impedances as seen, and their derivatives with respect to the logarithm of each parameter."""
        count = len(self.own.names)
        derivatives = np.empty((*values.shape, len(grid.omega)), complex)
        z = self.own._evaluated(grid, values, derivatives)
        u = np.log(values[:, count:])
        factor = 1.0 + u @ self.chain.relative
        derivatives[:, :count] *= factor[:, None, :]
        np.multiply(z[:, None, :], self.chain.relative, out=derivatives[:, count:])
        derivatives[:, count:] += self.chain.additive
        return z * factor + u @ self.chain.additive, derivatives

    def impedances(self, grid: Grid, values: Array) -> Complex:
        """Compute impedances as seen, (sets, frequencies)."""
        u = np.log(values[:, len(self.own.names) :])
        z: Complex = self.own.impedances(grid, values) * (1.0 + u @ self.chain.relative)
        return z + u @ self.chain.additive


def own_circuit(circuit: Circuit) -> Circuit:
    """Return the circuit itself, without the chain through which it is seen."""
    return circuit.own if isinstance(circuit, SeenCircuit) else circuit


def _evaluate(node: Node, grid: Grid, values: Array, derivatives: Complex | None) -> Complex:
    """Compute the impedances of a part; its derivatives are written into `derivatives`, where there is one."""
    if isinstance(node, Leaf):
        columns = (values[:, k, None] for k in range(node.first, node.end))
        z, by_log = node.element.evaluate(grid, *columns)
        if derivatives is not None:
            for k, column in enumerate(by_log):
                derivatives[:, node.first + k] = column
        return z
    if isinstance(node, Parallel) and node.symbols == ("R", "C"):
        return _evaluate_rc(node.first, grid, values, derivatives)
    if isinstance(node, Parallel) and node.symbols == ("R", "CPE"):
        return _evaluate_arcs(np.array([node.first]), grid, values, derivatives)[:, 0]
    parts = [_evaluate(part, grid, values, derivatives) for part in node.parts]
    if not isinstance(node, Parallel):
        return np.asarray(sum(parts[1:], parts[0]))
    admittances = [1 / part for part in parts]
    z = np.asarray(1 / sum(admittances[1:], admittances[0]), complex)
    if derivatives is not None:
        for part, part_z in zip(node.parts, parts, strict=True):
            derivatives[:, part.first : part.end] *= ((z / part_z) ** 2)[:, None, :]
    return z


def _evaluate_rc(first: int, grid: Grid, values: Array, derivatives: Complex | None) -> Complex:
    """Compute p(R,C) in one formula, R/(1 + j omega R C)."""
    ohm, farad = values[:, first, None], values[:, first + 1, None]
    beside = ohm * farad * grid.jw  # the current through C over that through R
    z = np.asarray(ohm / (1.0 + beside), complex)
    if derivatives is not None:
        by_ohm, by_farad = (derivatives[:, first + k] for k in range(2))
        np.multiply(z, z * (1.0 / ohm), out=by_ohm)
        np.multiply(by_ohm, -beside, out=by_farad)
    return z


def _evaluate_arcs(
    firsts: NDArray[np.intp], grid: Grid, values: Array, derivatives: Complex | None
) -> Complex:
    """Compute arcs p(R,CPE), R/(1 + R Q (j omega)^alpha), at these places of their first parameters.

    Returns their impedances, (sets, arcs, frequencies).
    """
    ohm, alpha = values[:, firsts, None], values[:, firsts + 2, None]
    # The current through the CPE over that through R.
    beside = ohm * values[:, firsts + 1, None] * grid.power(alpha)
    z = np.asarray(ohm / (1.0 + beside), complex)
    if derivatives is not None:
        by_ohm = z * z
        by_ohm *= 1.0 / ohm
        derivatives[:, firsts] = by_ohm
        by_q = np.multiply(by_ohm, -beside, out=by_ohm)
        derivatives[:, firsts + 1] = by_q
        derivatives[:, firsts + 2] = by_q * (alpha * grid.log_jw)
    return z


def parse(text: str) -> Circuit:
    """Read a circuit string; raises CircuitError that gives the place and the mistake.

    >>> parse("L0-R0-p(R1,CPE1)").names
    ('L0', 'R0', 'R1', 'CPE1_0', 'CPE1_1')
    """
    reader = _Reader("".join(text.split()))
    root = reader.series()
    if reader.position < len(reader.text):
        raise reader.error(f"{reader.text[reader.position]!r} is not expected here")
    return Circuit(reader.text, root, reader.leaves)


class _Reader:
    """Recursive descent over one circuit string."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.leaves: list[Leaf] = []

    def error(self, what: str) -> CircuitError:
        mark = f"{self.text[: self.position]}>>>{self.text[self.position :]}"
        return CircuitError(f"circuit {mark!r}: {what}; a circuit looks like L0-R0-p(R1,CPE1)-CPE2")

    def took(self, token: str) -> bool:
        found = self.text.startswith(token, self.position)
        self.position += len(token) * found
        return found

    def series(self) -> Node:
        parts = [self.part()]
        while self.took("-"):
            parts.append(self.part())
        return parts[0] if len(parts) == 1 else Series(tuple(parts))

    def part(self) -> Node:
        if not self.took("p("):
            return self.leaf()
        parts = [self.series()]
        while self.took(","):
            parts.append(self.series())
        if not self.took(")"):
            raise self.error("a ',' or ')' is missing")
        if len(parts) < 2:
            raise self.error("p( ) needs at least two parts")
        return Parallel(tuple(parts))

    def leaf(self) -> Leaf:
        match = _ELEMENT.match(self.text, self.position)
        if match is None:
            raise self.error("an element with its number is missing")
        symbol, name = match.group(1), match.group(0)
        if symbol not in ELEMENTS:
            raise self.error(f"no element {symbol!r}; there are {', '.join(ELEMENTS)}")
        if any(leaf.name == name for leaf in self.leaves):
            raise self.error(f"{name} appears twice")
        leaf = Leaf(name, ELEMENTS[symbol], self.leaves[-1].end if self.leaves else 0)
        self.position = match.end()
        self.leaves.append(leaf)
        return leaf


__all__ = [
    "Circuit",
    "CircuitError",
    "Leaf",
    "MeasuringChain",
    "Node",
    "Parallel",
    "SeenCircuit",
    "Series",
    "own_circuit",
    "parse",
]
