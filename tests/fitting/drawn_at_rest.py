"""Simulated half cells that were pressed with sodiated tin, and rest: interphases of an ohm or two beside R_SSE."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from solbench.protocols.cells import load_cell
from solbench.simulators.cell import build_cell
from solbench.simulators.cell.half import HalfCell
from tests.analysis.cells import noisy
from tests.analysis.halfcells import FREQUENCY_HZ
from tests.fitting.chains import transfer
from tests.fitting.drawn_states import COMMISSIONED, JW, T0_K, Drawn

SWEEP_S = 42.0
PRESSED_S = (0.0, *np.cumsum(60.0 * 1.32 ** np.arange(22)).tolist())  # to a day
LAYER = {"resistance": 1.5, "time": 86400.0, "exponent": 0.5, "activation_energy": 0.0}


def at_rest(
    name: str,
    seed: int,
    count: int,
    *,
    layer_ohm: tuple[float, float] | None = None,
    drift_K: float = 0.0,
    noise: float = 1.7e-4,
) -> Drawn:
    """Draw the first `count` spectra after pressing, with a typed temperature.

    `layer_ohm`: what the interphases of the tin and the counter electrode grow by in a day, instead of what they do in
    the cell that ships; `drift_K`: by how much the room warms in that time, unseen.
    """
    rng = np.random.default_rng([seed, *map(ord, name)])
    whole: dict[str, Any] = copy.deepcopy(load_cell(name).build("half").simulated_cell())
    whole["state_of_charge"] = 0.95
    if layer_ohm is not None:
        for part, ohm in zip(("interphase", "counter"), layer_ohm, strict=True):
            whole["simulation"][part]["ageing"] = LAYER | {"resistance": ohm}
    cell = build_cell(whole)
    assert isinstance(cell, HalfCell)
    truth = COMMISSIONED.draw(rng)
    spectra, layers_ohm, at_s = [], [], 0.0
    for k, begins_s in enumerate(PRESSED_S[:count]):
        cell.temperature_K = T0_K + drift_K * begins_s / 86400.0
        cell.advance_current(begins_s - at_s + (SWEEP_S if k else 1.0), 0.0)
        at_s = begins_s + SWEEP_S
        z = np.array([cell.impedance(float(f)) for f in FREQUENCY_HZ]) + JW * truth.inductance_H
        raw = noisy(z / transfer(truth.lag_s, truth.share), noise, 1000 * seed + k)
        known = COMMISSIONED
        spectra.append((FREQUENCY_HZ, raw * transfer(known.lag_s, known.share) - JW * known.inductance_H))
        layers_ohm.append(cell.interfacial_resistance_ohm)
    empty = np.zeros(count)
    return Drawn(
        spectra,
        [known.chain()] * count,
        [T0_K] * count,
        None,
        empty,
        np.array(layers_ohm),
        empty,
    )
