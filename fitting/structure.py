"""The circuits of a half cell's states, and what their parameters have in common.

Each state is L - R_SSE - (interphases) - charge transfer - (counter electrode) - tail. Only the leads and the
electrolyte (bulk as R in parallel with its geometric capacitance, grain boundaries as R in parallel with a CPE) are
the same in all states, the electrolyte's resistance as far as the temperature is. Charge transfer, double layer and
tail are free in each state: what is known of them beforehand is that they stay within a factor, and that says
something only where the spectrum does not. An interphase that grows keeps its time constant. Where there is one, the
counter electrode, which has touched the same electrolyte from the beginning, has one as well: no spectrum of a thick
interphase shows it apart, but its few ohms bend the flank of the other's arc, and what lies under that. A fresh tin
electrode contains no sodium; its charge transfer is nearly blocking.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.circuit import FURTHEST, Circuit, MeasuringChain, SeenCircuit, own_circuit, parse
from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_problem import Link, Member, joint_problem, joint_start
from solbench.fitting.problem import Index, Problem
from solbench.fitting.solution import Solution
from solbench.fitting.starts import starts_at

# By how much (standard deviation, ln) a state may differ from the others, before its spectrum is looked at.
_TRANSFER, _DOUBLE_LAYER, _TAIL, _COUNTER, _COUNTER_Q = 0.8, 0.5, 1.5, 0.25, 0.25
_INTERPHASE_TAU = 0.5  # of tau^n: an interphase that grows keeps its time constant
# What is usual for a solid electrolyte, with the standard deviation of its logarithm: capacitances of a pellet's bulk
# (F) and its grain boundaries (S s^n, exponent), and how their resistances compare.
_BULK = (math.log(20e-12), 2.0)
_BOUNDARY_Q, _BOUNDARY_N, _BOUNDARY_SHARE = (math.log(4e-9), 2.0), (math.log(0.92), 0.08), (-1.0, 1.5)
# A charge transfer with an exponent of 1 or 0.7 would describe the flank of an interphase that hides it.
_ELECTRODE_N = (math.log(0.85), 0.08)
_FRESH_Q, _FRESH_N, _TAIL_N = (-1.0, 1.5), (math.log(0.87), 0.08), (math.log(0.85), 0.15)
# The counter electrode's interphase: resistance beside R_SSE's, capacitance (F of a cell of 0.785 cm2), exponent, and
# how much its resistance differs from state to state.
_LAYER_SHARE, _LAYER_C, _LAYER_N, _LAYER = (-5.3, 0.8), (math.log(6e-8), 1.0), (math.log(0.82), 0.08), 0.6
# Beyond, an arc of one state alone would be a contact that has come or gone.
_FURTHEST_CONTACT = 2.5
_FURTHEST_BOUNDARY = 2.3  # beyond, a capacitance is no grain boundary's

_BOUNDS = {
    "L0": (math.log(1e-9), math.log(1e-4)),
    "CPE5_0": (math.log(1e-6), math.log(1e3)),
    "fresh tail": (math.log(1e-6), math.log(1e3)),
    "CPE6_1": (math.log(0.7), 0.0),
    "tau2": (math.log(1e-9), math.log(10.0)),
}

# Starts: bulk and grain boundaries where solid electrolytes have them, the others spread over the window.
_BULK_S, _BOUNDARY_S, _FRESH_S = 1e-8, 2e-7, 0.1
_BLOCKING_BULK_S = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
_INTERPHASE_S = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
_TRANSFER_S = (1e-5, 1e-4, 1e-3, 1e-2)
_SLOW_TRANSFER_S = (0.1, 1.0, 10.0)  # where the window reaches below a hertz
_COUNTER_S = (3e-6, 3e-5, 3e-4, 3e-3, 3e-2)


@dataclass(frozen=True)
class Structure:
    """Which parts the circuits have.

    `first_arc` is the first state with an interphase arc (the number of states: none has one); `counter`: a second
    electrode arc, which is nearly the same in all states; `counter_layer`: the interphase on the counter electrode. An
    arc of an electrode has more capacitance than `interphase_F` (F). Between `blocking` electrodes there is no other
    arc than those of the electrolyte, of which `counter` is then a third one. `fresh_tail`: of tin without sodium the
    spectrum shows, below its arc, that the mixed potential follows the charge.
    """

    states: int
    fresh: bool
    first_arc: int = 1
    counter: bool = False
    interphase_F: float = 1.6e-7
    blocking: bool = False
    counter_layer: bool = False
    fresh_tail: bool = False

    def circuit(self, state: int) -> Circuit:
        """Get the circuit of one state."""
        fresh = self.fresh and state == 0
        parts = ["L0", "p(R0,C0)", "p(R1,CPE1)"]
        parts += ["p(R2,CPE2)"] * (state >= self.first_arc)
        parts += ["p(R7,CPE7)"] * self.counter_layer
        parts += ["p(R6,CPE6)"] * self.counter
        if self.blocking:
            return parse("-".join([*parts, "CPE5"]))
        parts += ["p(R4,CPE4)"] if fresh else ["p(R3,CPE3)"]
        parts += ["CPE5"] * (not fresh or self.fresh_tail)
        return parse("-".join(parts))

    @property
    def has_arcs(self) -> bool:
        """Whether any state has an interphase arc."""
        return self.first_arc < self.states

    def links(self, state: int, electrolyte: Electrolyte) -> dict[str, Link]:
        """Get what the parameters of a state are made of; `electrolyte` says what changes R_SSE."""
        k = f"[{state}]"
        warm = {"E_a": electrolyte.by_energy, f"T{k}": electrolyte.stderr}
        expected = electrolyte.expected
        layer = {"R0": 1.0, "counter layer share": _LAYER_SHARE[1], f"counter layer{k}": _LAYER}
        n = math.exp(_LAYER_N[0])
        return {
            "R0": Link({"R0": 1.0, **warm}, expected),
            "R1": Link(
                {"R0": 1.0, "boundary share": _BOUNDARY_SHARE[1], **warm}, expected + _BOUNDARY_SHARE[0]
            ),
            "C0": Link({"bulk": _BULK[1]}, _BULK[0]),
            "CPE1_0": Link({"boundary": _BOUNDARY_Q[1]}, _BOUNDARY_Q[0]),
            "CPE1_1": Link({"boundary exponent": _BOUNDARY_N[1]}, _BOUNDARY_N[0]),
            "R2": Link({f"R2{k}": 1.0}),
            "CPE2_0": Link({"tau2": 1.0, f"R2{k}": -1.0, f"tau2{k}": _INTERPHASE_TAU}),
            "R3": Link({"R3": 1.0, f"transfer{k}": _TRANSFER}),
            "CPE3_0": Link({"CPE3_0": 1.0, f"double layer{k}": _DOUBLE_LAYER}),
            "CPE3_1": Link({"double layer exponent": _ELECTRODE_N[1]}, _ELECTRODE_N[0]),
            "CPE4_0": Link({"CPE3_0": 1.0, "fresh": _FRESH_Q[1]}, _FRESH_Q[0]),
            "CPE4_1": Link({"fresh exponent": _FRESH_N[1]}, _FRESH_N[0]),
            # Without sodium it takes a hundredth of the charge to change the potential as much.
            "CPE5_0": Link(
                {"fresh tail": 1.0} if self.fresh and state == 0 else {"CPE5_0": 1.0, f"tail{k}": _TAIL}
            ),
            "CPE5_1": Link({f"tail exponent{k}": _TAIL_N[1]}, _TAIL_N[0]),
            "R6": Link({"R6": 1.0, f"counter{k}": _COUNTER}),
            "CPE6_0": Link({"CPE6_0": 1.0, f"counter double layer{k}": _COUNTER_Q}),
            "R7": Link(layer, _LAYER_SHARE[0]),
            # Q = C^n R^(n-1), n as it is expected
            "CPE7_0": Link(
                {"counter layer capacitance": n * _LAYER_C[1], **{u: (n - 1) * c for u, c in layer.items()}},
                n * _LAYER_C[0] + (n - 1) * _LAYER_SHARE[0],
            ),
            "CPE7_1": Link({"counter layer exponent": _LAYER_N[1]}, _LAYER_N[0]),
        }

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """Get the bounds of the unknowns that do not have the customary ones."""
        # Q of an arc of some tens of ohm that has half the least capacitance of an electrode, with an exponent of 0.85.
        least = 0.85 * math.log(self.interphase_F / 2.0) - 0.5
        if self.blocking:
            return _BOUNDS | {
                "CPE6_0": (math.log(1e-13), least + 2.0),
                "CPE5_0": (math.log(1e-8), math.log(1e3)),
            }
        return _BOUNDS | dict.fromkeys(("CPE3_0", "CPE6_0"), (least, math.log(1e3)))

    @property
    def known(self) -> dict[str, tuple[float, float]]:
        """Get the unknowns that are 0 with a standard uncertainty of 1, with their bounds."""
        far = (-FURTHEST, FURTHEST)
        whole = ("E_a", "bulk", "boundary share", "fresh", "counter layer capacitance")
        found: dict[str, tuple[float, float]] = dict.fromkeys(whole, far)
        near = (-_FURTHEST_CONTACT, _FURTHEST_CONTACT)
        found["counter layer share"] = near
        found["boundary"] = (-_FURTHEST_BOUNDARY, _FURTHEST_BOUNDARY)
        for name, (usual, spread) in (
            ("boundary exponent", _BOUNDARY_N),
            ("fresh exponent", _FRESH_N),
            ("double layer exponent", _ELECTRODE_N),
            ("counter layer exponent", _LAYER_N),
        ):
            found[name] = (-FURTHEST, -usual / spread)
        for k in range(self.states):
            for name in ("T", "tau2", "transfer", "tail", "counter", "counter double layer"):
                found[f"{name}[{k}]"] = far
            for name in ("double layer", "counter layer"):
                found[f"{name}[{k}]"] = near
            found[f"tail exponent[{k}]"] = (-FURTHEST, -_TAIL_N[0] / _TAIL_N[1])
        return found


@dataclass(frozen=True)
class Electrolyte:
    """By how much ln R_SSE of a state differs from the first one's.

    `expected` from the temperatures, `by_energy` for one standard uncertainty of the activation energy, `stderr` what
    is not certain about the state's own temperature.
    """

    expected: float = 0.0
    by_energy: float = 0.0
    stderr: float = 0.05


@dataclass(frozen=True)
class StateData:
    """One state's spectrum.

    `electrolyte`: what is known of its R_SSE; `trust` below 1 is for a spectrum that is noisier than the others, or
    flawed. `chain`: what is uncertain about the way in which it was measured; `noise`: the variance of its relative
    noise, before `trust`.
    """

    frequency_Hz: Array
    impedance_ohm: Complex
    electrolyte: Electrolyte = Electrolyte()
    trust: float = 1.0
    chain: MeasuringChain | None = None
    noise: float = 0.0

    @property
    def weight(self) -> Array:
        """Get the weight of each point by its expected noise, beside the modulus."""
        known = self.chain.weight if self.chain is not None else None
        return np.ones(len(self.frequency_Hz)) if known is None else known


def set_up(structure: Structure, data: Sequence[StateData]) -> Problem:
    """Make the joint least-squares problem of all states."""
    members = [_member(structure, k, d) for k, d in enumerate(data)]
    noise = float(np.median([d.noise * d.trust**2 for d in data]))
    return joint_problem(members, structure.known, structure.bounds, noise)


def _member(structure: Structure, state: int, data: StateData) -> Member:
    circuit = structure.circuit(state)
    links: Mapping[str, Link] = structure.links(state, data.electrolyte)
    if data.chain is not None:
        circuit = SeenCircuit(circuit, data.chain)
    return Member(data.frequency_Hz, data.impedance_ohm, circuit, links, data.trust * data.weight)


def generic_joint_starts(structure: Structure, problem: Problem) -> Array:
    """Make starts without prior knowledge: interphase and charge transfer spread over the window."""
    interphase = _INTERPHASE_S if structure.has_arcs else _INTERPHASE_S[:1]
    lowest_Hz = min(float(np.min(term.grid.frequency_Hz)) for term in problem.terms)
    slow = [tau_s for tau_s in _SLOW_TRANSFER_S if lowest_Hz < min(0.99, 1.0 / tau_s)]
    layouts = [{"CPE2": a, "CPE3": b} for a in interphase for b in (*_TRANSFER_S, *slow)]
    if structure.blocking:  # a poor conductor has slow arcs
        layouts = [{"C0": a, "CPE1": times * a} for a in _BLOCKING_BULK_S for times in (10.0, 100.0)]
    own = []
    for term in problem.terms:
        circuit = own_circuit(term.circuit)
        rows = [_layout(circuit, layout) for layout in layouts]
        starts = starts_at(circuit, term.grid, term.impedance_ohm, term.weight, rows)
        chain = np.zeros((len(starts), len(term.columns) - len(circuit.names)))
        own.append(np.hstack([starts, chain]))
    return joint_start(problem, own)


def _layout(circuit: Circuit, own_s: Mapping[str, float]) -> list[float]:
    """Get the time constants (s) of a circuit's arcs in order, `own_s` instead of the usual ones."""
    known = {"C0": _BULK_S, "CPE1": _BOUNDARY_S, "CPE4": _FRESH_S, **own_s}
    return [known[leaf.name] for leaf in circuit.leaves if leaf.name in known]


def warm_start(problem: Problem, best: Solution) -> Array:
    """Make one start from the solution of a neighbouring structure: equal names keep their values."""
    known = dict(zip(best.names, best.theta.tolist(), strict=True))
    theta = [_known_value(name, known) for name in problem.names]
    return np.asarray(np.clip(np.array(theta), problem.lower, problem.upper)[None, :])


def counter_starts(problem: Problem, best: Solution) -> Array:
    """Make starts with a second electrode arc at several time constants, from a solution without it."""
    start = warm_start(problem, best)[0]
    names = problem.names
    r, q, n = (names.index(name) for name in ("R6", "CPE6_0", "CPE6_1"))
    starts = np.repeat(start[None, :], len(_COUNTER_S), axis=0)
    for row, tau_s in zip(starts, _COUNTER_S, strict=True):
        row[q] = math.exp(row[n]) * math.log(tau_s) - row[r]
    return np.asarray(np.clip(starts, problem.lower, problem.upper))


def spread_start(problem: Problem, start: Array, used: Index, found: Array) -> Array:
    """Make one start for all states from the solution for some of them, whose unknowns are at `used`.

    A state that was not among them takes the values of the nearest that was; `start` is for what none has.
    """
    theta = start.copy()
    theta[used] = found
    states: dict[str, dict[int, float]] = {}
    for k in used:
        stem, _, state = problem.names[k].partition("[")
        if state:
            states.setdefault(stem, {})[int(state[:-1])] = float(theta[k])
    known = set(used.tolist())
    for k, name in enumerate(problem.names):
        stem, _, state = name.partition("[")
        if state and k not in known and (alike := states.get(stem)):
            numbers = np.array(list(alike))
            theta[k] = alike[int(numbers[np.argmin(np.abs(numbers - int(state[:-1])))])]
    return np.asarray(np.clip(theta, problem.lower, problem.upper)[None, :])


def _known_value(name: str, known: Mapping[str, float]) -> float:
    """Get a value by name, else that of the same unknown in another state, else a moderate default."""
    if name in known:
        return known[name]
    stem = name.split("[")[0]
    if stem == "R2":
        alike = [value for other, value in known.items() if other.split("[")[0] == stem]
        return min(alike) - 1.0 if alike else known.get("R0", 0.0) - 3.0
    defaults = {
        "tau2": 0.8 * math.log(1e-6),
        "CPE2_1": math.log(0.8),
        "R6": known.get("R3", known.get("R0", 0.0)) - 1.0,
        "CPE6_1": math.log(0.85),
    }
    return defaults.get(stem, 0.0)


__all__ = [
    "Electrolyte",
    "StateData",
    "Structure",
    "counter_starts",
    "generic_joint_starts",
    "set_up",
    "spread_start",
    "warm_start",
]
