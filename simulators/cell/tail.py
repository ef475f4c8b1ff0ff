"""Slow relaxation of a cell as a few RC elements in series."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from solbench.simulators.cell.description import DescriptionError, quantity, read
from solbench.simulators.unchecked import Value


@dataclass(frozen=True)
class TailElement:
    """One relaxation, R in parallel with C, given by its resistance and its time constant RC. An assumption.

    Relaxations faster than a tenth of a second belong to the arcs, which are resistances in the time domain.
    """

    resistance_ohm: float = quantity("resistance", "6 ohm", at_least=0)
    time_constant_s: float = quantity("time_constant", "5 s", at_least=0.1)


class Tail:
    """RC elements in series; their voltages are kept by the cell, as a tuple of volts."""

    def __init__(self, elements: Sequence[TailElement]) -> None:
        self.elements = tuple((element.resistance_ohm, element.time_constant_s) for element in elements)
        self._decay_s = 0.0
        self._decays = [(ohm, 1.0) for ohm, _ in self.elements]

    def driven(self, voltages_V: Sequence[float], dt_s: float, current_A: float) -> tuple[float, ...]:
        """Return the voltages after `dt_s` at a constant current (A); exact for any length."""
        if dt_s != self._decay_s:  # readings come at equal intervals, so the same few lengths recur
            self._decay_s = dt_s
            self._decays = [(ohm, math.exp(-dt_s / tau_s)) for ohm, tau_s in self.elements]
        return tuple(
            [
                current_A * ohm + (voltage_V - current_A * ohm) * decay
                for voltage_V, (ohm, decay) in zip(voltages_V, self._decays)  # noqa: B905 - hot
            ]
        )

    def rates(self, voltages_V: Sequence[float], current_A: float) -> list[float]:
        """Return dV/dt of each element, in V/s, at a current (A)."""
        return [
            (current_A * ohm - voltage_V) / tau_s
            for voltage_V, (ohm, tau_s) in zip(voltages_V, self.elements, strict=True)
        ]

    def impedance(self, frequency_Hz: float) -> complex:
        """Impedance of all elements, in ohm: sum of R/(1 + j omega tau)."""
        omega = 2j * math.pi * frequency_Hz
        return sum((ohm / (1 + omega * tau_s) for ohm, tau_s in self.elements), 0j)


def read_tail(block: Value, path: str) -> Tail:
    """Make the tail from a list of elements; raises `DescriptionError`."""
    if isinstance(block, str) or not isinstance(block, Sequence):
        raise DescriptionError(path, "is no list", "give a list of resistance and time_constant pairs")
    elements = [read(TailElement, element, f"{path}[{index}]") for index, element in enumerate(block)]
    return Tail(elements)
