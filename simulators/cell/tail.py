"""Slow relaxation of a cell: a few RC elements in series, and the diffusion of sodium to and from the interface.

Diffusion through a layer of finite length to an end at which the concentration is given has the impedance
R tanh(sqrt(j omega tau))/sqrt(j omega tau): 45 degrees at frequencies above 1/tau, R at direct current. It is the sum
of RC elements with R_k = 2R/((k - 1/2)^2 pi^2) and tau_k = tau/((k - 1/2)^2 pi^2). In the time domain the slow ones
count, neighbours together; the fast rest is a resistance, as the arcs are.
"""

import cmath
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solbench.simulators.cell.description import DescriptionError, quantity, read
from solbench.simulators.cell.elements import slower
from solbench.simulators.unchecked import Value

FASTEST_S = 0.1  # relaxations that are faster are resistances in the time domain
SLOW_S = (
    1.0  # modes of diffusion that are faster are, too: steps at a held voltage are as long as these allow
)
_MODES = 4000  # of a sum over modes: the rest is below 1e-4 of it
_TOGETHER = 1.7  # modes within so much of time constant are one element


@dataclass(frozen=True)
class TailElement:
    """One relaxation, R in parallel with C, given by its resistance and its time constant RC. An assumption.

    Relaxations faster than a tenth of a second belong to the arcs, which are resistances in the time domain.
    """

    resistance_ohm: float = quantity("resistance", "6 ohm", at_least=0)
    time_constant_s: float = quantity("time_constant", "5 s", at_least=FASTEST_S)
    activation_energy_J: float = quantity("activation_energy", "0.3 eV", at_least=0, default=0.0)


@dataclass(frozen=True)
class Diffusion:
    """Diffusion to an end of given concentration: its resistance to direct current, and L^2/D. An assumption."""

    resistance_ohm: float = quantity("resistance", "40 ohm", above=0)
    time_constant_s: float = quantity("time_constant", "60 s", at_least=FASTEST_S)
    activation_energy_J: float = quantity("activation_energy", "0.3 eV", at_least=0, default=0.0)

    def impedance(self, frequency_Hz: float, factor: float) -> complex:
        """Impedance, in ohm; `factor`: how much slower it is than at the reference temperature."""
        root = cmath.sqrt(2j * math.pi * frequency_Hz * self.time_constant_s * factor)
        return self.resistance_ohm * factor * _tanh(root) / root

    def elements(self) -> tuple[list[tuple[float, float]], float]:
        """Elements of resistance (ohm) and time constant (s), and the resistance (ohm) of what is faster than those."""
        squares = [((k - 0.5) * math.pi) ** 2 for k in range(1, _MODES)]
        modes = [(2 * self.resistance_ohm / square, self.time_constant_s / square) for square in squares]
        slow = together(mode for mode in modes if mode[1] >= SLOW_S)
        return slow, self.resistance_ohm - math.fsum(ohm for ohm, _ in slow)


def together(modes: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join modes of falling time constant (weight, s) to fewer elements that have their weight and their mean time."""
    found: list[tuple[float, float]] = []
    group: list[tuple[float, float]] = []
    for mode in modes:
        if group and group[0][1] > _TOGETHER * mode[1]:
            found.append(_joined(group))
            group = []
        group.append(mode)
    return [*found, _joined(group)] if group else found


def _joined(group: Sequence[tuple[float, float]]) -> tuple[float, float]:
    weight = math.fsum(ohm for ohm, _ in group)
    return weight, math.exp(math.fsum(ohm * math.log(tau_s) for ohm, tau_s in group) / weight)


def _tanh(root: complex) -> complex:
    """Hyperbolic tangent of a number whose real part is positive; it overflows nowhere."""
    small = cmath.exp(-2 * root)
    return (1 - small) / (1 + small)


class Tail:
    """RC elements in series; their voltages are kept by the cell, as a tuple of volts.

    `modes` are more elements of the same form that the cell drives along, in units of its own per ampere instead of
    ohm: they are no part of the impedance. `fast_ohm` is what of a diffusion is faster than the elements.
    """

    def __init__(
        self,
        elements: Sequence[TailElement],
        diffusion: Diffusion | None = None,
        modes: Sequence[TailElement] = (),
        reference_K: float = 298.15,
    ) -> None:
        self._reference_K = reference_K
        self._diffusion = diffusion
        slow, self._fast_ohm = diffusion.elements() if diffusion else ([], 0.0)
        energy_J = diffusion.activation_energy_J if diffusion else 0.0
        given = [
            *((one.resistance_ohm, one.time_constant_s, one.activation_energy_J) for one in elements),
            *((ohm, tau_s, energy_J) for ohm, tau_s in slow),
            *((one.resistance_ohm, one.time_constant_s, one.activation_energy_J) for one in modes),
        ]
        self._given = tuple(given)
        self._shown = len(elements)  # RC elements of the impedance
        self.volts = len(given) - len(modes)  # how many of the values are voltages
        self.at(reference_K)

    def at(self, temperature_K: float) -> None:
        """Bring resistances and time constants to a temperature; capacitances stay."""
        reference_K = self._reference_K
        factors = [slower(energy_J, temperature_K, reference_K) for _, _, energy_J in self._given]
        self.elements = tuple(
            (ohm * factor, tau_s * factor)
            for (ohm, tau_s, _), factor in zip(self._given, factors, strict=True)
        )
        energy_J = self._diffusion.activation_energy_J if self._diffusion else 0.0
        self._diffusion_factor = slower(energy_J, temperature_K, reference_K)
        self.fast_ohm = self._fast_ohm * self._diffusion_factor
        self._decay_s = self._driven_A = 0.0  # what the next two belong to
        self._decays = [1.0 for _ in self.elements]
        self._steady_V = [0.0 for _ in self.elements]

    def driven(self, voltages_V: Sequence[float], dt_s: float, current_A: float) -> tuple[float, ...]:
        """Return the voltages after `dt_s` at a constant current (A); exact for any length."""
        # Readings come at equal intervals while a current is held, so the same few lengths and currents recur.
        if dt_s != self._decay_s:
            self._decay_s = dt_s
            self._decays = [math.exp(-dt_s / tau_s) for _, tau_s in self.elements]
        if current_A != self._driven_A:
            self._driven_A = current_A
            self._steady_V = [current_A * ohm for ohm, _ in self.elements]
        driven = zip(voltages_V, self._steady_V, self._decays)  # noqa: B905 - hot
        return tuple([steady_V + (voltage_V - steady_V) * decay for voltage_V, steady_V, decay in driven])

    def rates(self, voltages_V: Sequence[float], current_A: float) -> list[float]:
        """Return dV/dt of each element, in V/s, at a current (A)."""
        return [
            (current_A * ohm - voltage_V) / tau_s
            for voltage_V, (ohm, tau_s) in zip(voltages_V, self.elements)  # noqa: B905 - hot
        ]

    def impedance(self, frequency_Hz: float) -> complex:
        """Impedance of all elements, in ohm: sum of R/(1 + j omega tau), and the diffusion."""
        omega = 2j * math.pi * frequency_Hz
        found = sum((ohm / (1 + omega * tau_s) for ohm, tau_s in self.elements[: self._shown]), 0j)
        if self._diffusion is None:
            return found
        return found + self._diffusion.impedance(frequency_Hz, self._diffusion_factor)


def read_elements(block: Value, path: str) -> list[TailElement]:
    """Read a list of elements; raises `DescriptionError`."""
    if isinstance(block, str) or not isinstance(block, Sequence):
        raise DescriptionError(path, "is no list", "give a list of resistance and time_constant pairs")
    return [read(TailElement, element, f"{path}[{index}]") for index, element in enumerate(block)]
