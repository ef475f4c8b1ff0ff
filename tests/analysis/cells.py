"""Spectra to test with, from the formulae of the elements."""

import numpy as np

FREQUENCY_HZ = np.geomspace(1e6, 1.0, 61)


def cpe(f, Q, n):
    return 1 / (Q * (2j * np.pi * f) ** n)


def arc(f, R, tau, n):
    return R / (1 + (2j * np.pi * f * tau) ** n)


# R0, R1, tau1, n1, R2, tau2, n2, Q3, n3
SCENARIOS = {
    "separated": (50, 300, 1e-6, 0.9, 500, 5e-3, 0.85, 1e-3, 0.6),
    "nyzc": (700, 316, 3e-7, 0.92, 9000, 2.2e-5, 0.8, 6e-3, 0.55),
    "nps": (300, 45, 4e-7, 0.8, 60, 3e-5, 0.85, 6e-3, 0.55),
}


def spectrum(name, f=FREQUENCY_HZ):
    R0, R1, tau1, n1, R2, tau2, n2, Q3, n3 = SCENARIOS[name]
    return R0 + arc(f, R1, tau1, n1) + arc(f, R2, tau2, n2) + cpe(f, Q3, n3)


def truth(name):
    """The parameters of R0-p(R1,CPE1)-p(R2,CPE2)-CPE3."""
    R0, R1, tau1, n1, R2, tau2, n2, Q3, n3 = SCENARIOS[name]
    return np.array([R0, R1, tau1**n1 / R1, n1, R2, tau2**n2 / R2, n2, Q3, n3])


def noisy(z, noise, seed):
    draw = np.random.default_rng(seed)
    return z + np.abs(z) * noise * (draw.normal(size=z.shape) + 1j * draw.normal(size=z.shape))
