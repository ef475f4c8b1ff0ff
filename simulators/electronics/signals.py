"""What lies at an input of the 1260."""

from typing import NamedTuple

from solbench.simulators.electronics.surroundings import Disturbance

V1, V2, I = 1, 2, 3  # noqa: E741 (the field's symbol)
"""Inputs of the 1260 as SO counts them (A)."""


class Signal(NamedTuple):
    """One analogue signal: AC as a phasor of the generator's sine (rms) and DC; in V, at the I input in A."""

    ac: complex
    dc: float
    disturbance: Disturbance | None = None


NOTHING = Signal(0j, 0.0)
