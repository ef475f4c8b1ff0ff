"""Step H: a dummy cell R-(R||C), measured as a cell is, with everything taken off that was found."""

import math

import numpy as np

from solbench.acquisition.bench.commissioning.record import Measured, Values
from solbench.acquisition.bench.commissioning.use import corrections_of_values
from solbench.acquisition.commission.parts import DUMMY_CELL
from solbench.acquisition.commission.workbench import Array, Found, Spectrum, Workbench, require_like
from solbench.fitting.linear_kk import kramers_kronig

COST = "no spectra count then: nothing has shown that a cell comes out right"
RANGE, AMPLITUDE_V = 4, 0.03
LOWEST_Hz, HIGHEST_Hz, A_DECADE = 1.0, 1e6, 8
INTEGRATION_S = 0.5
NOMINAL = {"R0_ohm": 100.0, "R1_ohm": 1000.0}
WITHIN, KK_WITHIN = 5e-3, 3e-3
PART_TOLERANCE = 1e-3
INDUCTANCE_UNIT_H = 1e-7


def dummy_cell(on: Workbench) -> Found:
    """Measure from 1 MHz to 1 Hz."""
    on.mount("H", DUMMY_CELL, COST)
    elements, residual = measure_dummy(on)
    problems = [
        f"{name.removesuffix('_ohm')} of the dummy cell comes out as {elements[name].value:.5g} ohm, not {ohm:g}"
        for name, ohm in NOMINAL.items()
        if abs(elements[name].value / ohm - 1.0) > WITHIN + PART_TOLERANCE
    ]
    if residual > KK_WITHIN:
        problems.append(
            f"the Kramers-Kronig residual of the dummy cell is {100 * residual:.2f} %: look for a loose lead"
        )
    return Found(on.values.model_copy(update={"dummy_cell": elements}), tuple(problems))


def measure_dummy(on: Workbench) -> tuple[dict[str, Measured], float]:
    """Return the elements of the dummy cell that is mounted, and the Kramers-Kronig residual."""
    count = round(A_DECADE * math.log10(HIGHEST_Hz / LOWEST_Hz)) + 1
    frequencies_Hz = [float(one) for one in np.geomspace(HIGHEST_Hz, LOWEST_Hz, count)]
    spectrum = on.spectrum(RANGE + on.shift, AMPLITUDE_V, frequencies_Hz, INTEGRATION_S)
    require_like(spectrum, sum(NOMINAL.values()), DUMMY_CELL.name)
    trusted = _corrected(spectrum, on.values)
    residual = float(kramers_kronig(trusted.frequencies_Hz, trusted.impedances_ohm).residual)
    return _elements(trusted), residual


def _corrected(spectrum: Spectrum, values: Values) -> Spectrum:
    """Take off what was found; points that are not trusted are left out."""
    corrections = corrections_of_values(values)
    found = [
        corrections.of_pair(complex(ohm), float(frequency_Hz), spectrum.range_index)
        for frequency_Hz, ohm in zip(spectrum.frequencies_Hz, spectrum.impedances_ohm, strict=True)
    ]
    kept = np.array([one.trusted for one in found])
    ohms = np.array([one.impedance_ohm for one in found])
    return Spectrum(
        spectrum.range_index,
        spectrum.amplitude_V,
        spectrum.integration_s,
        spectrum.frequencies_Hz[kept],
        ohms[kept],
    )


def _elements(spectrum: Spectrum) -> dict[str, Measured]:
    """Fit L + R0 + R1 || C1; L is what is left of leads and lag, and the part's own."""
    from scipy.optimize import least_squares

    jw = 2j * np.pi * spectrum.frequencies_Hz

    def off(vector: Array) -> Array:
        first_ohm, second_ohm, farad = np.exp(vector[:3])
        seen = jw * INDUCTANCE_UNIT_H * vector[3] + first_ohm + second_ohm / (1.0 + jw * second_ohm * farad)
        relative = seen / spectrum.impedances_ohm - 1.0
        return np.concatenate([relative.real, relative.imag])

    solved = least_squares(off, [*np.log([100.0, 1000.0, 1e-6]), 0.0], x_scale="jac")
    freedom = max(len(solved.fun) - len(solved.x), 1)
    covariance = np.linalg.pinv(solved.jac.T @ solved.jac) * float(solved.fun @ solved.fun) / freedom
    deviation = np.sqrt(np.diag(covariance))
    names = ("R0_ohm", "R1_ohm", "C1_F")
    found = {
        name: Measured(value=float(np.exp(log)), stderr=float(np.exp(log) * relative))
        for name, log, relative in zip(names, solved.x, deviation, strict=False)
    }
    return found | {
        "L_H": Measured(
            value=float(solved.x[3]) * INDUCTANCE_UNIT_H, stderr=float(deviation[3]) * INDUCTANCE_UNIT_H
        )
    }
