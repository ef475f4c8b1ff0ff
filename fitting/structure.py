"""The circuits of a half cell's states, and their shared parameters.

Each state is L - R_SSE - (interphase) - charge transfer - tail. Lead inductance and electrolyte (bulk as R in
parallel with its geometric capacitance, grain boundaries as R in parallel with a CPE) are shared by all
states, charge transfer and tail by all sodiated states; the interphase arc is each state's own. A fresh tin
electrode contains no sodium; its charge transfer is nearly blocking and its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from solbench.fitting.circuit import Circuit, MeasuringChain, SeenCircuit, own_circuit, parse
from solbench.fitting.elements import Array, Complex
from solbench.fitting.joint_problem import Member, joint_problem, joint_start
from solbench.fitting.problem import Index, Problem
from solbench.fitting.solution import Solution
from solbench.fitting.starts import starts_at

_BOUNDS = {
    "L0": (1e-9, 1e-4),
    "CPE2_0": (1e-14, 1e-2),  # no surface holds more: what seems to is a part of the tail
    "CPE5_0": (1e-6, 1e3),
    "CPE5_1": (0.4, 1.0),
}
_SHARED = {"L0", "R0", "C0", "R1", "CPE1", "R3", "CPE3"}

# Starts: bulk and grain boundaries where solid electrolytes have them, the others spread over the window.
_BULK_S, _BOUNDARY_S, _FRESH_S = 1e-8, 2e-7, 0.1
_INTERPHASE_S = (1e-7, 1e-6, 1e-5, 1e-4, 1e-3)
_TRANSFER_S = (1e-5, 1e-4, 1e-3, 1e-2)


@dataclass(frozen=True)
class Structure:
    """Which parts the circuits have.

    `first_arc` is the first state with an interphase arc (the number of states: none has one); `own_sse` lets
    the electrolyte's resistance change between states, by one factor for bulk and grain boundaries as with
    temperature; `own_exponents` frees those of the interphase's CPE, `own_fresh_exponent` that of the fresh
    electrode's charge transfer, which otherwise equals that of the sodiated one; the tail is absent, shared
    by all, or each state's own.
    """

    states: int
    fresh: bool
    first_arc: int = 1
    bulk: bool = True
    boundary: bool = True
    transfer: bool = True
    tail: Literal["none", "shared", "own"] = "shared"
    own_exponents: bool = False
    own_fresh_exponent: bool = False
    own_sse: bool = False

    def circuit(self, state: int) -> Circuit:
        """Get the circuit of one state."""
        fresh = self.fresh and state == 0
        parts = ["L0", "p(R0,C0)" if self.bulk else "R0"]
        parts += ["p(R1,CPE1)"] * self.boundary
        parts += ["p(R2,CPE2)"] * (state >= self.first_arc)
        parts += ["p(R4,CPE4)"] if fresh else ["p(R3,CPE3)"] * self.transfer
        parts += ["CPE5"] * (self.tail != "none" and not fresh)
        return parse("-".join(parts))

    def name(self, state: int, parameter: str) -> str:
        """Get the name of a state's parameter in the joint fit: equal names are one parameter."""
        if parameter == "CPE4_1" and self.transfer and not self.own_fresh_exponent:
            return "CPE3_1"
        element = parameter.split("_")[0]
        shared = (
            element in _SHARED
            or (parameter == "CPE2_1" and not self.own_exponents)
            or (element == "CPE5" and (self.tail == "shared" or parameter == "CPE5_1"))
        )
        return parameter if shared else f"{parameter}[{state}]"

    @property
    def has_arcs(self) -> bool:
        """Whether any state has an interphase arc."""
        return self.first_arc < self.states

    def without(self) -> dict[str, Structure]:
        """Get the structures with one part less, by the parameter that decides on that part."""
        found: dict[str, Structure] = (
            {f"R2[{self.first_arc}]": replace(self, first_arc=self.first_arc + 1)} if self.has_arcs else {}
        )
        found |= {"C0": replace(self, bulk=False)} if self.bulk else {}
        found |= {"R1": replace(self, boundary=False)} if self.boundary else {}
        found |= {"R3": replace(self, transfer=False)} if self.transfer else {}
        found |= {"CPE5_0": replace(self, tail="none")} if self.tail == "shared" else {}
        return found

    def richer(self) -> list[Structure]:
        """List the structures with one part more: an earlier arc, or separate exponents or tails."""
        least = 1 if self.own_sse else 0  # an arc in every state and a separate R_SSE for each are too much
        found: list[Structure] = (
            [replace(self, first_arc=self.first_arc - 1)] if self.first_arc > least else []
        )
        found += [replace(self, own_exponents=True)] if self.has_arcs and not self.own_exponents else []
        if self.fresh and self.transfer and not self.own_fresh_exponent:
            found.append(replace(self, own_fresh_exponent=True))
        return found + ([replace(self, tail="own")] if self.tail == "shared" else [])


@dataclass(frozen=True)
class StateData:
    """One state's spectrum.

    `sse_factor` is the known ratio of its R_SSE to that at the first temperature; `trust` below 1 is for a
    spectrum that is noisier than the others, or flawed. `chain`: what is uncertain about the way in which it was
    measured; `noise`: the variance of its relative noise, before `trust`.
    """

    frequency_Hz: Array
    impedance_ohm: Complex
    sse_factor: float = 1.0
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
    shared = {name for d in data if d.chain is not None for name in d.chain.names}

    def naming(state: int, parameter: str) -> str:
        return parameter if parameter in shared else structure.name(state, parameter)

    noise = float(np.median([d.noise * d.trust**2 for d in data]))
    return joint_problem(members, naming, _BOUNDS, noise)


def _member(structure: Structure, state: int, data: StateData) -> Member:
    circuit = structure.circuit(state)
    if data.chain is not None:
        circuit = SeenCircuit(circuit, data.chain)
    sse = tuple(name for name in ("R0", "R1") if name in circuit.names)
    return Member(
        data.frequency_Hz,
        data.impedance_ohm,
        circuit,
        factors=dict.fromkeys(sse, data.sse_factor),
        scale=f"scale[{state}]" if structure.own_sse and state > 0 else "",
        scaled=sse,
        trust=data.trust * data.weight,
    )


def generic_joint_starts(structure: Structure, problem: Problem) -> Array:
    """Make starts without prior knowledge: interphase and charge transfer spread over the window."""
    interphase = _INTERPHASE_S if structure.has_arcs else _INTERPHASE_S[:1]
    layouts = [(a, b) for a in interphase for b in _TRANSFER_S]
    own = []
    for term in problem.terms:
        circuit = own_circuit(term.circuit)
        rows = [_layout(circuit, *layout) for layout in layouts]
        starts = starts_at(circuit, term.grid, term.impedance_ohm, term.weight, rows)
        chain = np.zeros((len(starts), len(term.columns) - len(circuit.names)))
        own.append(np.hstack([starts, chain]) - term.fixed_log)
    return joint_start(problem, own)


def _layout(circuit: Circuit, interphase_s: float, transfer_s: float) -> list[float]:
    """Get the time constants (s) of a circuit's arcs in order."""
    known = {"C0": _BULK_S, "CPE1": _BOUNDARY_S, "CPE2": interphase_s, "CPE3": transfer_s, "CPE4": _FRESH_S}
    return [known[leaf.name] for leaf in circuit.leaves if leaf.name in known]


def warm_start(structure: Structure, problem: Problem, best: Solution) -> Array:
    """Make one start from the solution of a neighbouring structure: equal names keep their values."""
    known = dict(zip(best.names, best.theta.tolist(), strict=True))
    if not structure.boundary and "R1" in known and "R0" in known:
        known["R0"] = float(np.logaddexp(known["R0"], known["R1"]))
    if structure.transfer and "R3" not in known:
        for stem, other in (("R2", "R3"), ("CPE2_0", "CPE3_0"), ("CPE2_1", "CPE3_1")):
            alike = [value for name, value in known.items() if name.split("[")[0] == stem]
            known.update({other: float(np.median(alike))} if alike else {})
    theta = [_known_value(name, known) for name in problem.names]
    start: Array = np.clip(np.array(theta), problem.lower, problem.upper)[None, :]
    return start


def spread_start(problem: Problem, start: Array, used: Index, found: Array) -> Array:
    """Make one start for all states from the solution for some of them, whose parameters are at `used`.

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


def reassigned_starts(problem: Problem, best: Solution) -> Array:
    """Make starts in which the interphase also has the charge transfer's resistance, which becomes small.

    A shared arc and the arcs of single states trade resistance easily: these starts help where the shared arc
    has absorbed part of the growth.
    """
    names = problem.names
    arcs = [k for k, name in enumerate(names) if name.startswith("R2")]
    transfer, q, n = (names.index(name) for name in ("R3", "CPE3_0", "CPE3_1"))
    starts = np.repeat(best.theta[None, :], len(_TRANSFER_S) + 1, axis=0)
    for row, tau_s in zip(starts[1:], _TRANSFER_S, strict=True):
        row[arcs] = np.logaddexp(row[arcs], row[transfer])
        row[transfer] = row[arcs].min() - 3.0
        row[n] = np.log(0.85)
        row[q] = 0.85 * np.log(tau_s) - row[transfer]
    return np.clip(starts, problem.lower, problem.upper)


def _known_value(name: str, known: dict[str, float]) -> float:
    """Get a value by name, else that of the same parameter in another state, else a moderate default."""
    if name in known:
        return known[name]
    stem = name.split("[")[0]
    alike = [value for other, value in known.items() if other.split("[")[0] == stem]
    if alike:
        return float(np.min(alike) - 1.0) if stem == "R2" else float(np.median(alike))
    total = float(np.logaddexp(known.get("R0", 0.0), known.get("R1", -50.0)))
    defaults = {"C0": np.log(_BULK_S) - total, "CPE1_1": np.log(0.9), "CPE2_1": np.log(0.8)}
    defaults |= {"CPE3_1": np.log(0.85), "CPE5_1": np.log(0.9), "CPE5_0": 0.0}
    defaults |= {"R1": total - 2.0, "R2": total - 3.0, "R3": total - 3.0}
    defaults |= {"CPE1_0": 0.9 * np.log(_BOUNDARY_S) - total + 2.0}
    defaults |= {"CPE2_0": 0.8 * np.log(1e-6) - total + 3.0, "CPE3_0": 0.85 * np.log(1e-4) - total + 3.0}
    return float(defaults.get(stem, 0.0))
