"""The counter electrode of a half cell: it is in excess, stays at its potential, and has an arc of its own."""

from dataclasses import dataclass
from typing import NamedTuple

from solbench.simulators.cell.description import quantity
from solbench.simulators.cell.elements import arc, slower
from solbench.simulators.cell.interphase import AgeingParameters

NA9SN4_V = 0.16
"""Na9Sn4 that releases or takes up sodium stays on the plateau NaSn/Na9Sn4 (Yamamoto et al. 2013), V against Na/Na+."""


@dataclass(frozen=True)
class CounterParameters:
    """Potential against Na/Na+ and charge transfer of the counter electrode; without a block it is Na9Sn4, ideal.

    Charge transfer is ohmic: the electrode is large. Its interphase grows at rest as `ageing` says, because sodium is
    there from the beginning. All values are assumptions.
    """

    potential_V: float = quantity("potential", "0.16 V", default=NA9SN4_V)
    charge_transfer_resistance_ohm: float = quantity(
        "charge_transfer_resistance", "4 ohm", at_least=0, default=0.0
    )
    charge_transfer_capacitance_F_m2: float = quantity(
        "charge_transfer_capacitance", "8 uF/cm2", above=0, default=0.08
    )
    charge_transfer_exponent: float = quantity(
        "charge_transfer_exponent", "0.85", above=0, at_most=1, default=0.85
    )
    charge_transfer_activation_J: float = quantity(
        "charge_transfer_activation_energy", "0.5 eV", at_least=0, default=0.0
    )
    entropy_V_K: float = quantity("entropy_coefficient", "0.05 mV/K", default=0.0)
    layer_capacitance_F_m2: float = quantity("layer_capacitance", "30 nF/cm2", above=0, default=3e-4)
    layer_exponent: float = quantity("layer_exponent", "0.8", above=0, at_most=1, default=0.8)


class CounterState(NamedTuple):
    """Time of contact, at the reference temperature, in s."""

    contact_s: float = 0.0


class Counter:
    """A counter electrode of an area (m2)."""

    def __init__(
        self,
        parameters: CounterParameters,
        area_m2: float,
        ageing: AgeingParameters | None = None,
        reference_K: float = 298.15,
    ) -> None:
        self._parameters = parameters
        self._capacitance_F = parameters.charge_transfer_capacitance_F_m2 * area_m2
        self._layer_F = parameters.layer_capacitance_F_m2 * area_m2
        self._ageing = ageing
        self._reference_K = reference_K
        self.ages = ageing is not None
        self.at(reference_K)

    def start(self) -> tuple[CounterState, ...]:
        """Return what changes in it: nothing where it does not age."""
        return (CounterState(),) if self.ages else ()

    def at(self, temperature_K: float) -> None:
        """Bring it to a temperature."""
        parameters, reference_K = self._parameters, self._reference_K
        factor = slower(parameters.charge_transfer_activation_J, temperature_K, reference_K)
        self.transfer_ohm = parameters.charge_transfer_resistance_ohm * factor
        self.potential_V = parameters.potential_V + parameters.entropy_V_K * (temperature_K - reference_K)
        energy_J = self._ageing.activation_J if self._ageing else 0.0
        self._pace = 1.0 / slower(energy_J, temperature_K, reference_K)

    def aged(self, state: CounterState, dt_s: float) -> CounterState:
        """Return what it is after `dt_s` at the present temperature."""
        return tuple.__new__(CounterState, (state[0] + dt_s * self._pace,))

    def layer_ohm(self, states: tuple[CounterState, ...]) -> float:
        """Resistance of its interphase, in ohm."""
        return self._ageing.ohm(states[0].contact_s) if self._ageing is not None else 0.0

    def impedance(self, states: tuple[CounterState, ...], frequency_Hz: float) -> complex:
        """Impedance of its arcs, in ohm."""
        parameters = self._parameters
        transfer = arc(
            self.transfer_ohm, self._capacitance_F, parameters.charge_transfer_exponent, frequency_Hz
        )
        return transfer + arc(self.layer_ohm(states), self._layer_F, parameters.layer_exponent, frequency_Hz)
