"""Whether a sample has taken its temperature: an exponential is seen through to its end, and noise is none."""

from __future__ import annotations

import math
import random

import pytest

from solbench.acquisition.record.beside.settling import Settling
from solbench.acquisition.record.events import Point

FREQUENCIES_Hz = [10.0 ** (0.25 * place) for place in range(24, -1, -1)]


def points(spectrum: int, ohm: float, chance: random.Random, noise: float) -> list[Point]:
    """A pellet between blocking electrodes."""
    found = []
    for frequency_Hz in FREQUENCIES_Hz:
        omega = 2.0 * math.pi * frequency_Hz
        z = ohm / (1.0 + 1j * omega * ohm * 2e-10) + 1.0 / (1j * omega * 3e-5) ** 0.9
        z *= 1.0 + noise * chance.gauss(0.0, 1.0)
        found.append(
            Point(
                step=0, segment=1, attempt=1, spectrum=spectrum, frequency_Hz=frequency_Hz, real_ohm=z.real,
                imaginary_ohm=z.imag, amplitude_V=0.03, range=1, error=0, attempts=1,
            )
        )  # fmt: skip
    return found


@pytest.mark.parametrize("seed", range(12))
def test_what_is_left_of_an_exponential_is_told(seed):
    draw = random.Random(seed)
    end_ohm, change = 10.0 ** draw.uniform(1.5, 4.0), draw.uniform(-0.3, 0.3)
    tau_s = draw.uniform(300.0, 2500.0)
    settling, left = Settling(), None
    for number in range(30):
        true = change * math.exp(-600.0 * number / tau_s)
        for point in points(number, end_ohm * (1.0 + true), draw, 2e-5):
            settling.add(point)
        left = settling.left
        if number >= 2 and abs(true) > 0.004:
            assert left == pytest.approx(abs(true), rel=0.35)
    assert left is not None
    assert left < 0.001


def test_two_spectra_tell_nothing_and_noise_is_steady():
    draw, settling = random.Random(1), Settling()
    for number in range(2):
        for point in points(number, 300.0, draw, 5e-5):
            settling.add(point)
    assert settling.left is None
    for point in points(2, 300.0, draw, 5e-5):
        settling.add(point)
    assert settling.left == 0.0
