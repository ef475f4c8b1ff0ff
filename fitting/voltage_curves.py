"""Results from the curve of a constant-current step: dQ/dV, mean voltage, overpotential at interruptions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_MOST_UNSETTLED = 0.05  # of a step's charge, within which the voltage after an interruption comes back


@dataclass(frozen=True)
class DifferentialCapacity:
    """dQ/dV (C/V, positive) at the voltages (V) in the middle of the voltage steps."""

    voltage_V: Array
    charge_per_volt_C_V: Array


@dataclass(frozen=True)
class Interruption:
    """The current was switched off: voltages (V) under current, at the first reading after it, and relaxed.

    `charge_C` is the charge of the step so far, `current_A` the current before; `rest_s` how long the cell rested.
    """

    time_s: float
    charge_C: float
    current_A: float
    loaded_V: float
    first_V: float
    relaxed_V: float
    rest_s: float

    @property
    def overpotential_V(self) -> float:
        """Get the whole overpotential: loaded minus relaxed voltage."""
        return self.loaded_V - self.relaxed_V

    @property
    def fast_V(self) -> float:
        """Get the part that had vanished by the first reading, including the ohmic drop."""
        return self.loaded_V - self.first_V

    def ohmic_V(self, resistance_ohm: float) -> float:
        """Compute the ohmic part from a resistance (ohm), such as R_SSE from the spectrum in this rest."""
        return self.current_A * resistance_ohm


def settled(charge_C: object, voltage_V: object, breaks: Sequence[int], *, rising: bool) -> NDArray[np.bool_]:
    """Return for each stretch between two readings whether its charge belongs into dQ/dV.

    `breaks` are the places of the first readings after an interruption of the current. From there the voltage creeps
    back to where it was, and the charge that flows meanwhile would pile up as a peak that the material does not have:
    it is left out until the voltage has passed that of the last reading before, in the direction of the step (`rising`
    or not), but at most for a twentieth of the step's charge.

    >>> settled([0, 1, 2, 3, 4, 5], [1.0, 2.0, 3.0, 2.5, 3.1, 4.0], [3], rising=True).tolist()
    [True, True, False, False, True]
    >>> settled(np.arange(60.0), np.r_[np.arange(30.0), np.arange(28.0, 58.0)], [30], rising=True)[29:33].tolist()
    [False, False, True, True]
    """
    charge, voltage = np.asarray(charge_C, float), np.asarray(voltage_V, float)
    counted = np.ones(max(len(charge) - 1, 0), bool)
    sign = 1.0 if rising else -1.0
    for place, begin in enumerate(breaks):
        if not 0 < begin < len(charge):
            continue
        end = breaks[place + 1] if place + 1 < len(breaks) else len(charge)
        back = sign * (voltage[begin:end] - voltage[begin - 1]) >= 0.0
        much = np.abs(charge[begin:end] - charge[begin]) > _MOST_UNSETTLED * np.ptp(charge)
        there = np.flatnonzero(back | much)
        counted[begin - 1 : begin + int(there[0]) if len(there) else end - 1] = False
    return counted


def differential_capacity(
    charge_C: object, voltage_V: object, step_V: float = 0.005, counted: NDArray[np.bool_] | None = None
) -> DifferentialCapacity:
    """Compute dQ/dV for one direction of current: the charge that flowed within each voltage step.

    `charge_C` runs monotonically in time (either way), `voltage_V` belongs to it. No charge is lost or
    counted twice, so the sum over the steps is the charge that flowed; where the voltage returns (a
    nucleation dip, the recovery after an interruption) the charge counts at the voltage at which it flowed.
    Of stretches between two readings that are not `counted` (see `settled`) nothing is, and the sum is as much less.
    Empty if there are fewer than two readings. Raises ValueError for arrays of different length.

    >>> q = np.linspace(0, 2, 2001)
    >>> found = differential_capacity(q, 1.0 + 0.5 * q, 0.1)
    >>> np.round(found.charge_per_volt_C_V, 6).tolist()[:3]
    [2.0, 2.0, 2.0]
    """
    charge, voltage = np.asarray(charge_C, float), np.asarray(voltage_V, float)
    if charge.shape != voltage.shape or charge.ndim != 1:
        raise ValueError(f"charge and voltage differ in shape: {charge.shape} and {voltage.shape}")
    if len(charge) < 2:
        return DifferentialCapacity(np.empty(0), np.empty(0))
    amount_C = np.abs(np.diff(charge))
    if counted is not None:
        amount_C = np.where(counted, amount_C, 0.0)
    at_V, amount_C = _spread(amount_C, voltage, step_V)
    first = np.floor(voltage.min() / step_V + 1e-9)
    edges = (first + np.arange(max(1.0, np.ceil(voltage.max() / step_V - 1e-9) - first) + 1)) * step_V
    # Rounding must not push a reading on the first or last edge out of the range.
    sums, _ = np.histogram(np.clip(at_V, edges[0], edges[-1]), edges, weights=amount_C)
    return DifferentialCapacity((edges[1:] + edges[:-1]) / 2.0, sums / step_V)


def _spread(amount_C: Array, voltage_V: Array, step_V: float) -> tuple[Array, Array]:
    """Split the charge between two readings into parts whose voltages are closer than a tenth of a step."""
    change = np.diff(voltage_V)
    parts = np.maximum(1, np.ceil(10.0 * np.abs(change) / step_V)).astype(int)
    place = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
    along = (place + 0.5) / np.repeat(parts, parts)
    at_V = np.repeat(voltage_V[:-1], parts) + along * np.repeat(change, parts)
    return at_V, np.repeat(amount_C / parts, parts)


def mean_voltage(charge_C: object, voltage_V: object) -> float:
    """Compute the mean voltage over charge, energy divided by charge (V); not a number if none flowed.

    >>> mean_voltage([0.0, 1.0, 2.0], [2.0, 3.0, 4.0])
    3.0
    """
    charge, voltage = np.asarray(charge_C, float), np.asarray(voltage_V, float)
    if len(charge) < 2 or charge[-1] == charge[0]:
        return float("nan")
    energy = float(np.sum((voltage[1:] + voltage[:-1]) / 2.0 * np.diff(charge)))
    return energy / float(charge[-1] - charge[0])


def interruptions(
    time_s: object, voltage_V: object, current_A: object, charge_C: object, least_rest_s: float = 30.0
) -> list[Interruption]:
    """Find where the current was switched off for at least `least_rest_s`, and the voltages there.

    Arrays of one step in order of time, including readings at rest. Current counts as flowing where it is
    above half of the step's largest. Raises ValueError for arrays of different length.

    >>> t = np.arange(300.0)
    >>> i = np.where((t >= 100) & (t < 200), 0.0, 1e-3)
    >>> v = np.where(i > 0, 1.5, 1.3)
    >>> [found] = interruptions(t, v, i, np.cumsum(i))
    >>> round(found.overpotential_V, 3), found.rest_s
    (0.2, 99.0)
    """
    time, voltage = np.asarray(time_s, float), np.asarray(voltage_V, float)
    current, charge = np.asarray(current_A, float), np.asarray(charge_C, float)
    if not time.shape == voltage.shape == current.shape == charge.shape:
        raise ValueError("time, voltage, current and charge differ in length")
    if len(time) == 0:
        return []
    flows = np.abs(current) > 0.5 * np.max(np.abs(current))
    offs = np.flatnonzero(flows[:-1] & ~flows[1:])
    found = []
    for last in offs:
        again = np.flatnonzero(flows[last + 1 :])
        end = last + int(again[0]) if len(again) else len(time) - 1
        rest_s = float(time[end] - time[last + 1])
        if rest_s >= least_rest_s:
            found.append(
                Interruption(
                    time_s=float(time[last]),
                    charge_C=float(charge[last] - charge[0]),
                    current_A=float(current[last]),
                    loaded_V=float(voltage[last]),
                    first_V=float(voltage[last + 1]),
                    relaxed_V=float(voltage[end]),
                    rest_s=rest_s,
                )
            )
    return found
