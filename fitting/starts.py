"""Generic starts for a circuit fit, made from the circuit and the spectrum alone.

The time constants of the arcs are distributed over the frequency window in all distinct orders; for each
layout the impedance level of each series block is determined from the data, which is a linear problem.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from solbench.fitting.circuit import Circuit, Leaf, Node
from solbench.fitting.elements import Array, Complex, Grid

_ARC_EXPONENT = 0.85
_TAIL_EXPONENTS = (0.55, 0.9)
_LAYOUT_GRID = {0: 1, 1: 12, 2: 8, 3: 7, 4: 7}
_MOST_LAYOUTS = 70


def generic_starts(circuit: Circuit, grid: Grid, impedance_ohm: Complex, weight: Array) -> Array:
    """Get ln p of some tens of starts, shape (starts, parameters); the same for the same data."""
    counts = [time_constants(block) for block in circuit.blocks]
    return starts_at(circuit, grid, impedance_ohm, weight, _layouts(circuit, counts, grid))


def starts_at(
    circuit: Circuit,
    grid: Grid,
    impedance_ohm: Complex,
    weight: Array,
    layouts: Sequence[Sequence[float]],
) -> Array:
    """Get ln p of one start for each layout: its time constants (s) in the order of the circuit."""
    counts = [time_constants(block) for block in circuit.blocks]
    rows = [
        _row(circuit, counts, layout, tail) for layout, tail in zip(layouts, itertools.cycle(_TAIL_EXPONENTS))
    ]
    return _levelled(circuit, grid, impedance_ohm, weight, np.log(np.array(rows)))


def signature(node: Node) -> str:
    """Describe a part of a circuit without its numbers: equal for interchangeable parts."""
    if isinstance(node, Leaf):
        return node.element.symbol
    return f"{type(node).__name__}({','.join(signature(part) for part in node.parts)})"


def leaves(node: Node) -> list[Leaf]:
    """Get the elements of a part of a circuit, in order."""
    if isinstance(node, Leaf):
        return [node]
    return [leaf for part in node.parts for leaf in leaves(part)]


def time_constants(block: Node) -> int:
    """Count the time constants of a part of a circuit, besides its impedance level."""
    if isinstance(block, Leaf):
        return sum(p.kind == "time" for p in block.element.parameters)
    return sum(leaf.element.symbol != "R" for leaf in leaves(block))


def _layouts(circuit: Circuit, counts: list[int], grid: Grid) -> list[tuple[float, ...]]:
    """Get the time constants (s) of each start; interchangeable blocks are laid out in one order."""
    total = sum(counts)
    low, high = math.log(0.5 / grid.omega.max()), math.log(2 / grid.omega.min())
    positions = np.exp(np.linspace(low, high, _LAYOUT_GRID.get(total, 6) + 2)[1:-1])
    same = [
        signature(block) for block, count in zip(circuit.blocks, counts, strict=True) for _ in range(count)
    ]
    simple = [count == 1 for count in counts for _ in range(count)]
    found: list[tuple[float, ...]] = []
    for layout in itertools.product(positions, repeat=total):
        pairs = itertools.combinations(range(total), 2)
        if all(layout[a] < layout[b] for a, b in pairs if same[a] == same[b] and simple[a]):
            found.append(layout)
    if len(found) > _MOST_LAYOUTS:
        chosen = np.random.default_rng(0).choice(len(found), _MOST_LAYOUTS, replace=False)
        found = [found[k] for k in sorted(chosen)]
    return found


def _row(circuit: Circuit, counts: list[int], layout: Sequence[float], tail: float) -> list[float]:
    """Get the parameters of one layout, each block at an impedance of about one ohm."""
    row: list[float] = []
    taus = iter(layout)
    for block, count in zip(circuit.blocks, counts, strict=True):
        for leaf in leaves(block):
            timed = count > 0 and leaf.element.symbol != "R"
            exponent = _ARC_EXPONENT if count else tail
            row += _unit_values(leaf, next(taus) if timed else 1.0, exponent)
    return row


def _unit_values(leaf: Leaf, tau_s: float, exponent: float) -> list[float]:
    """Get an element's parameters such that |Z| is one ohm at omega = 1/tau."""
    kinds = [p.kind for p in leaf.element.parameters]
    order = {"C": 1.0, "L": 1.0, "W": 0.5, "CPE": exponent, "La": exponent}.get(leaf.element.symbol, 0.0)
    level = tau_s**order if leaf.element.symbol != "W" else 1 / math.sqrt(2 * tau_s)
    values = {"impedance": level, "admittance": level, "exponent": exponent, "time": tau_s}
    return [values[kind] for kind in kinds]


def _levelled(circuit: Circuit, grid: Grid, z: Complex, weight: Array, log_p: Array) -> Array:
    """Scale the blocks by the non-negative factors that describe the data best."""
    scale = {"impedance": 1.0, "admittance": -1.0, "exponent": 0.0, "time": 0.0}
    by_level = np.array([scale[p.kind] for p in circuit.parameters])
    parts = np.stack([_block_impedance(circuit, k, grid, log_p) for k in range(len(circuit.blocks))], axis=1)
    design = (parts * weight).view(float)
    target = (z * weight).view(float)
    levels = _non_negative(design, target)
    for k, block in enumerate(circuit.blocks):
        columns = slice(block.first, block.end)
        log_p[:, columns] += by_level[columns] * np.log(levels[:, k])[:, None]
    return log_p


def _block_impedance(circuit: Circuit, k: int, grid: Grid, log_p: Array) -> Complex:
    """Compute the impedance of block k alone, (starts, frequencies)."""
    block = Circuit("", circuit.blocks[k], circuit.leaves)
    return block.impedances(grid, np.exp(log_p))


def _non_negative(design: Array, target: Array) -> Array:
    """Solve each start's linear problem; blocks with a negative result are set small and left out."""
    size = np.sqrt(np.einsum("sbn,sbn->sb", design, design))
    unit = design / size[:, :, None]
    gram = np.matmul(unit, unit.transpose(0, 2, 1))
    right = np.matmul(unit, target)
    index = np.arange(gram.shape[1])
    gram[:, index, index] += 1e-9
    out = np.zeros(right.shape, bool)
    level = right
    for _ in range(gram.shape[1]):
        matrix = np.where(out[:, :, None] | out[:, None, :], 0.0, gram)
        matrix[:, index, index] = np.where(out, 1.0, gram[:, index, index])
        level = np.linalg.solve(matrix, np.where(out, 0.0, right)[:, :, None])[:, :, 0]
        if not np.any(worse := level < 0):
            break
        out |= worse
    smallest = 0.01 * float(np.linalg.norm(target))
    positive: Array = np.maximum(level, smallest) / size
    return positive
