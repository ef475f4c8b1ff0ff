"""Independent ways to what a cell computes: its time domain in fine steps, and the cases of both."""

import cmath
import math

import pytest


def held_finely(cell, dt_s, voltage_V, steps):
    """Midpoint steps of constant current: the second-order reference, charge by charge."""
    for _ in range(steps):
        start = cell.state()
        cell.advance_current(dt_s / steps / 2, cell.current(voltage_V))
        middle_A = cell.current(voltage_V)
        cell.restore(start)
        cell.advance_current(dt_s / steps, middle_A)


def response(cell, frequency_Hz, amplitude_A, periods=6, steps=240):
    """Voltage over current at the fundamental, in the time domain; a linear drift is taken out."""
    dt_s = 1 / frequency_Hz / steps
    samples = []
    for n in range(periods * steps):
        current_A = amplitude_A * math.sin(2 * math.pi * (n + 0.5) / steps)
        cell.advance_current(dt_s / 2, current_A)
        samples.append((cell.voltage(current_A), current_A))
        cell.advance_current(dt_s / 2, current_A)
    last, previous = samples[-steps:], samples[-2 * steps : -steps]
    drift_V = (sum(v for v, _ in last) - sum(v for v, _ in previous)) / steps
    phasors = [cmath.exp(-2j * math.pi * (n + 0.5) / steps) for n in range(steps)]
    voltage = sum(
        (v - drift_V * n / steps) * p for n, ((v, _), p) in enumerate(zip(last, phasors, strict=True))
    )
    current = sum(i * p for (_, i), p in zip(last, phasors, strict=True))
    return voltage / current


def crossed(names, fractions, frequencies_Hz):
    """Parameters of three kinds: each with each of another kind once; all of them together are long tests."""
    return [
        pytest.param(name, fraction, frequency_Hz, marks=[pytest.mark.long] * ((x + y + z) % 3 != 0))
        for x, name in enumerate(names)
        for y, fraction in enumerate(fractions)
        for z, frequency_Hz in enumerate(frequencies_Hz)
    ]
