"""What is not certain about the way in which a spectrum was measured, as parameters that a fit shares between spectra.

A current that lags by a nanosecond more than is known multiplies every impedance by 1 + j omega dt; leads with more
inductance add to it. Both bend a spectrum at high frequency as a small arc does, and are the same in all spectra of a
bench. In a fit each is a parameter `u` of which is known beforehand that it is 0 with a standard uncertainty of 1:

    Z_seen = Z (1 + sum u_j relative_j) + sum u_j additive_j

So the uncertainty of what is fitted includes them, as far as the spectra themselves do not tell them.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.fitting.circuit import Circuit
from solbench.fitting.elements import Array, Complex, Grid, Parameter

FURTHEST = 6.0  # standard uncertainties: beyond, what was known beforehand is wrong
_KNOWN = Parameter("time", "1", math.exp(-FURTHEST), math.exp(FURTHEST))  # its logarithm is u


@dataclass(frozen=True, eq=False)
class MeasuringChain:
    """What is uncertain in one spectrum: `relative` and `additive` (ohm) of each `u`, shape (names, points).

    Equal `names` are one parameter in all spectra.
    """

    names: tuple[str, ...]
    relative: Complex
    additive: Complex

    def within(self, inside: NDArray[Any]) -> "MeasuringChain":
        """Return it for some of the points."""
        return MeasuringChain(self.names, self.relative[:, inside], self.additive[:, inside])

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
        z, by_own = self.own.evaluate(grid, values[:, :count])
        u = np.log(values[:, count:])
        factor = 1.0 + u @ self.chain.relative
        derivatives = np.concatenate(
            [
                by_own * factor[:, None, :],
                z[:, None, :] * self.chain.relative + self.chain.additive,
            ],
            axis=1,
        )
        return z * factor + u @ self.chain.additive, derivatives


def own_circuit(circuit: Circuit) -> Circuit:
    """Return the circuit itself, without the chain through which it is seen."""
    return circuit.own if isinstance(circuit, SeenCircuit) else circuit
