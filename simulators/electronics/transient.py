"""What a cell still remembers of the AC before: after the sine changes, the response is not steady at once.

The response of a linear cell to what drives it is a sum of first-order memories, u' = (drive - u)/tau, with weights
that its impedance fixes. Their states follow from the drive alone, exactly; the weights are worked out, around the
frequency of a measurement, only where the memories that matter there have not yet settled.
"""

from cmath import exp as cexp
from collections.abc import Callable
from math import exp, pi, sqrt

_PER_DECADE = 5
_FIRST, _LAST = -4, 5  # decades of seconds
_TAUS_S = tuple(10.0 ** (_FIRST + n / _PER_DECADE) for n in range((_LAST - _FIRST) * _PER_DECADE + 1))
_REACH = 100.0  # memories so much longer and shorter than a period are of no account in it
_ASKED_PER_DECADE = 4
_ASKED = tuple(
    10.0 ** (n / _ASKED_PER_DECADE) for n in range(-8, 9)
)  # times the frequency of the measurement
_SETTLED = 1e-6  # of the drive
_SMALL = 1e-4  # how much large weights, which cancel each other, are disliked

Response = Callable[[float], complex]


class AcMemory:
    """The memories of one drive, V or A; it begins at rest."""

    def __init__(self) -> None:
        self._off = [0.0] * len(_TAUS_S)  # from the steady state of the present drive, at `_since_s`
        self._since_s = 0.0
        self._kind = 0
        self._drive = 0j
        self._frequency_Hz = 1.0

    def change(self, time_s: float, phase_rad: float, kind: int, frequency_Hz: float, drive: complex) -> None:
        """Take over a drive (rms phasor of the generator's sine) at `time_s`, when that has this phase.

        `kind` says what drives; another one begins at rest. The phase goes on where the frequency changes.
        """
        if (kind, frequency_Hz, drive) == (self._kind, self._frequency_Hz, self._drive):
            return
        turn = sqrt(2.0) * cexp(1j * phase_rad)
        for n, tau_s in enumerate(_TAUS_S):
            state = 0.0
            if kind == self._kind:
                before = turn * self._drive / (1.0 + 2j * pi * self._frequency_Hz * tau_s)
                state = before.imag + self._off[n] * exp(-(time_s - self._since_s) / tau_s)
            after = turn * drive / (1.0 + 2j * pi * frequency_Hz * tau_s)
            self._off[n] = state - after.imag
        self._since_s = time_s
        self._kind, self._frequency_Hz, self._drive = kind, frequency_Hz, drive

    def settle(self) -> None:
        """Forget all that is not steady: nobody looked for a while."""
        self._off = [0.0] * len(_TAUS_S)

    def error(self, begin_s: float, window_s: float, phase_rad: float, response: Response) -> complex:
        """Get by how much correlation over whole periods finds the response off its steady phasor (rms).

        The window begins at `begin_s`, when the sine has this phase. `response`: steady response over drive, by
        frequency (Hz): an admittance (S), an impedance (ohm).
        """
        omega = 2.0 * pi * self._frequency_Hz
        scale = 1j * sqrt(2.0) / window_s * cexp(-1j * phase_rad)
        left: list[complex] = []
        taus_s: list[float] = []
        for off, tau_s in zip(self._off, _TAUS_S, strict=True):
            if 1.0 / _REACH <= omega * tau_s <= _REACH:
                decayed = off * exp(-(begin_s - self._since_s) / tau_s) * (1.0 - exp(-window_s / tau_s))
                left.append(scale * decayed * tau_s / (1.0 + 1j * omega * tau_s))
                taus_s.append(tau_s)
        if all(abs(one) <= _SETTLED * abs(self._drive) for one in left):
            return 0j
        weights = _weights(response, self._frequency_Hz, taus_s)
        return sum((weight * one for weight, one in zip(weights, left, strict=True)), 0j)


def _weights(response: Response, frequency_Hz: float, taus_s: list[float]) -> list[float]:
    """Get the weights of the memories that make up a response around a frequency, beside an R and an L or C of it."""
    import numpy as np

    frequencies_Hz = frequency_Hz * np.array(_ASKED)
    turns = 2j * pi * frequencies_Hz
    found = np.array([response(float(one)) for one in frequencies_Hz])
    columns = [np.ones_like(turns), turns / (2.0 * pi * frequency_Hz)]
    columns += [1.0 / (1.0 + turns * tau_s) for tau_s in taus_s]
    matrix = np.array(columns).T / np.abs(found)[:, None]
    wanted = found / np.abs(found)
    count = len(taus_s)
    small = np.hstack((np.zeros((count, 2)), np.eye(count) * _SMALL / abs(response(frequency_Hz))))
    rows = np.vstack((matrix.real, matrix.imag, small))
    solution = np.linalg.lstsq(rows, np.concatenate((wanted.real, wanted.imag, np.zeros(count))), rcond=None)[
        0
    ]
    weights: list[float] = solution[2:].tolist()
    return weights
