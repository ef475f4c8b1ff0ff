"""Spectra drawn at random, with their truth: one to four processes, with or without inductance, resistance, tail."""

from dataclasses import dataclass

import numpy as np

from solbench.fitting.elements import Array, Complex


@dataclass(frozen=True)
class DrawnSpectrum:
    """A spectrum (Hz, ohm) with noise of a known relative size, and without it."""

    frequency_Hz: Array
    impedance_ohm: Complex
    truth_ohm: Complex
    noise: float
    made_of: str

    def misfit(self, fitted_ohm: Complex) -> float:
        """Get the rms deviation of a fit from the truth, in standard deviations of the noise."""
        off = np.abs(fitted_ohm - self.truth_ohm) / np.abs(self.truth_ohm)
        return float(np.sqrt(np.mean(off**2) / 2)) / self.noise


def drawn(seed: int, processes: int | None = None) -> DrawnSpectrum:
    """Draw one spectrum; written as sums of formulae, not with the elements under test."""
    rng = np.random.default_rng(seed)
    decades = rng.uniform(4.5, 7.5)
    highest = 10 ** rng.uniform(4.5, 7.0)
    f = np.geomspace(highest, highest / 10**decades, int(decades * rng.integers(6, 11)))
    s = 2j * np.pi * f
    count = processes or int(rng.integers(1, 5))
    level = 10 ** rng.uniform(1.0, 6.0)
    tail = rng.choice(["", "CPE", "W", "Wo", "Ws"], p=[0.4, 0.3, 0.1, 0.1, 0.1]) if count > 1 else ""
    z = np.zeros(len(f), complex)
    made = []
    low, high = np.log(1.5 / np.abs(s[0])), np.log(0.3 / np.abs(s[-1]))
    for tau in np.exp(rng.uniform(low, high, count - bool(tail))):
        r = level * 10 ** rng.uniform(-0.7, 0.3)
        n = 1.0 if rng.random() < 0.2 else rng.uniform(0.65, 1.0)
        z += r / (1 + (s * tau) ** n)
        made.append(f"arc({r:.3g}, {tau:.2g} s, {n:.2f})")
    size, edge = level * 10 ** rng.uniform(-0.5, 0.7), np.abs(s[-1])
    if tail == "CPE":
        n = rng.uniform(0.5, 0.97)
        z += size * (edge / s) ** n
        made.append(f"CPE({n:.2f})")
    elif tail:
        x = np.sqrt(s / edge * 10 ** rng.uniform(0.0, 1.5))
        z += size * {"W": 1 / x, "Wo": 1 / (x * np.tanh(x)), "Ws": np.tanh(x) / x}[str(tail)]
        made.append(str(tail))
    if rng.random() < 0.7:
        z += level * 10 ** rng.uniform(-2.0, 0.0)
        made.append("R")
    if rng.random() < 0.5:
        henry = min(10 ** rng.uniform(-7.5, -5.3), 2 * abs(z[0]) / abs(s[0]))
        z += s * henry
        made.append(f"L({henry:.1e})")
    noise = 10 ** rng.uniform(np.log10(5e-4), -2.0)
    scatter = rng.normal(0.0, noise, (2, len(f)))
    return DrawnSpectrum(f, z + np.abs(z) * (scatter[0] + 1j * scatter[1]), z, noise, " + ".join(made))
