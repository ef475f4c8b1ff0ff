"""Arrhenius' law through conductivities at several temperatures, with what all of them share in its uncertainty.

The line is ln(sigma T) = ln(sigma T)(25 degC) - E_a (1/kT - 1/kT0); that of ln(sigma) is fitted beside it, as both are
in use. A sensor that is not at the sample, plungers with a contact, and the dimensions of a pellet are wrong in the
same way in every point: they stand in the covariance of the points (generalized least squares), and so in the interval
of the energy, where the scatter about the line would say nothing of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solbench.fitting.elements import Array
from solbench.fitting.state_fit import BOLTZMANN_eV_K

AT_K = 298.15
LEAST_TEMPERATURES, LEAST_SPAN_K = 3, 20.0
SAME_K = 2.0  # temperatures that are nearer are one, asked for twice
_CURVED = 3.0  # standard errors of the curvature
_CHANGED, _CHANGED_BY = 3.0, 0.02  # standard errors; of the conductivity
_OUTSIDE_K = 5.0  # so far beyond the temperatures a value is still told
_PASSES = 4  # the covariance follows from the energy
INTERVAL = 1.96  # standard errors of a 95 % interval


@dataclass(frozen=True)
class Plateau:
    """A conductivity (S/m) at a temperature, from a resistance (ohm), with what is its own in its uncertainty.

    `stderr_K`: of the temperature, as far as it is not shared by all. `cooling`: measured on the way down.
    """

    temperature_K: float
    sigma_S_m: float
    resistance_ohm: float
    resistance_stderr_ohm: float
    stderr_K: float
    cooling: bool = False


@dataclass(frozen=True)
class Shared:
    """What is wrong in the same way in all plateaus, as standard uncertainties.

    `offset_K`: of sample and sensor everywhere; `gradient`: their difference over that to the room at `room_K`;
    `contact_ohm`: in series with the sample; `geometry`: of L/A, relative.
    """

    offset_K: float
    gradient: float
    contact_ohm: float
    geometry: float
    room_K: float = 296.0


@dataclass(frozen=True)
class Line:
    """One straight line: activation energy (eV) and conductivity at 25 degC (S/m), with their standard uncertainties.

    `curvature`: of the points about it, in standard errors. `scatter`: of the points over what they are certain to.
    """

    energy_eV: float
    energy_stderr_eV: float
    sigma_S_m: float
    sigma_stderr_S_m: float
    curvature: float
    scatter: float


@dataclass(frozen=True)
class Change:
    """By which fraction a conductivity is larger later than before, with its standard uncertainty."""

    relative: float
    stderr: float

    @property
    def is_significant(self) -> bool:
        """Get whether the sample has changed, as far as this tells."""
        return abs(self.relative) > max(_CHANGED * self.stderr, _CHANGED_BY)


@dataclass(frozen=True)
class Arrhenius:
    """What plateaus tell: `of_sigma_T` is the headline, `of_sigma` the same without T.

    `is_curved`: there is no single energy; then the conductivity is that of a parabola, and `local_eV` are the energies
    of the colder and of the warmer half. `sigma_S_m` is None where 25 degC lies outside the temperatures. `way_back`:
    cooling over heating; `before_after`: the last over the first plateau near 25 degC.
    """

    of_sigma_T: Line
    of_sigma: Line
    is_curved: bool
    local_eV: tuple[float, float] | None
    sigma_S_m: float | None
    sigma_stderr_S_m: float | None
    way_back: Change | None
    before_after: Change | None


def temperatures_are_enough(temperatures_K: Sequence[float]) -> bool:
    """Say whether temperatures (K) are enough for an energy: three that differ, over 20 K."""
    ordered = sorted(temperatures_K)
    different = sum(1 for k, one in enumerate(ordered) if k == 0 or one - ordered[k - 1] > SAME_K)
    return different >= LEAST_TEMPERATURES and ordered[-1] - ordered[0] >= LEAST_SPAN_K


def arrhenius(points: Sequence[Plateau], shared: Shared) -> Arrhenius:
    """Fit Arrhenius' law; raises ValueError for temperatures that are not enough.

    >>> at = np.array([273.15, 298.15, 323.15, 353.15])
    >>> sigma = 0.02 / at * 298.15 * np.exp(-0.35 / 8.617333262e-5 * (1 / at - 1 / 298.15))
    >>> points = [Plateau(t, s, 0.01 / s, 1e-3 / s, 0.1) for t, s in zip(at, sigma)]
    >>> found = arrhenius(points, Shared(0.2, 0.01, 0.0, 0.02))
    >>> f"{found.of_sigma_T.energy_eV:.3f}", f"{found.sigma_S_m:.4f}", found.is_curved
    ('0.350', '0.0200', False)
    """
    kelvin = np.array([point.temperature_K for point in points])
    if not temperatures_are_enough([float(one) for one in kelvin]):
        raise ValueError(
            f"an activation energy needs {LEAST_TEMPERATURES} temperatures over {LEAST_SPAN_K:g} K"
        )
    fits = [_Fit(points, shared, power) for power in (1.0, 0.0)]
    of_sigma_T, of_sigma = (fit.line() for fit in fits)
    # sigma T and sigma cannot both be straight: curved is what neither describes
    is_curved = min(abs(of_sigma_T.curvature), abs(of_sigma.curvature)) > _CURVED
    told = fits[0].at_25(parabola=True) if is_curved else (of_sigma_T.sigma_S_m, of_sigma_T.sigma_stderr_S_m)
    is_inside = kelvin.min() - _OUTSIDE_K <= AT_K <= kelvin.max() + _OUTSIDE_K
    return Arrhenius(
        of_sigma_T,
        of_sigma,
        is_curved,
        fits[0].local_eV() if is_curved else None,
        told[0] if is_inside else None,
        told[1] if is_inside else None,
        fits[0].way_back(),
        fits[0].before_after(),
    )


class _Fit:
    """Lines and parabolas through ln(sigma T^power) over 1/kT - 1/kT0."""

    def __init__(self, points: Sequence[Plateau], shared: Shared, power: float) -> None:
        self.points, self.shared, self.power = points, shared, power
        self.kelvin = np.array([point.temperature_K for point in points])
        self.x = (1.0 / self.kelvin - 1.0 / AT_K) / BOLTZMANN_eV_K
        self.y = np.log([point.sigma_S_m for point in points]) + power * np.log(self.kelvin / AT_K)
        self.ones = np.ones_like(self.x)
        self.energy_eV = -float(np.polyfit(self.x, self.y, 1)[0])
        self.scatter = 1.0
        for _ in range(_PASSES):
            self.covariance = self._covariance()
            self.energy_eV = -float(self._solve(self.ones, self.x)[0][1])

    def _covariance(self, *, own_only: bool = False) -> Array:
        """Return that of the points, with all that they share but the geometry, which moves them as one."""
        per_K = (self.energy_eV / (BOLTZMANN_eV_K * self.kelvin) + self.power) / self.kelvin
        ohm = np.array([point.resistance_ohm for point in self.points])
        noise = np.array([point.resistance_stderr_ohm for point in self.points]) / ohm
        own_K = np.array([point.stderr_K for point in self.points])
        found: Array = np.diag(noise**2 + (per_K * own_K) ** 2)
        if own_only:
            return found
        for column in (
            self.shared.offset_K * per_K,
            self.shared.gradient * per_K * (self.kelvin - self.shared.room_K),
            self.shared.contact_ohm / ohm,
        ):
            found = found + np.outer(column, column)
        return found

    def _solve(self, *columns: Array, own_only: bool = False) -> tuple[Array, Array]:
        """Return the coefficients of columns and their covariance, wider where the points scatter more."""
        covariance = self._covariance(own_only=True) if own_only else self.covariance
        design = np.stack(columns, axis=1)
        inverse = np.linalg.inv(covariance)
        found_covariance: Array = np.asarray(np.linalg.inv(design.T @ inverse @ design), float)
        found: Array = found_covariance @ (design.T @ inverse @ self.y)
        rest = self.y - design @ found
        free = len(self.y) - len(columns)
        wider = 1.0
        self.scatter = math.sqrt(float(rest @ inverse @ rest) / free) if free > 0 else 1.0
        if self.scatter > 1.0 and free > 0:  # a scatter of few points is itself uncertain
            from scipy import stats  # takes a moment to load, and most commands do without

            wider = (self.scatter * float(stats.t.ppf(0.975, free)) / INTERVAL) ** 2
        scaled: Array = found_covariance * wider
        return found, scaled

    def line(self) -> Line:
        found, covariance = self._solve(self.ones, self.x)
        scatter, bent = self.scatter, 0.0
        if len({round(float(one)) for one in self.kelvin}) > LEAST_TEMPERATURES:
            more, by_more = self._solve(self.ones, self.x, self.x**2)
            bent = float(more[2] / math.sqrt(by_more[2, 2]))
        sigma_S_m = math.exp(found[0])
        stderr = math.hypot(math.sqrt(covariance[0, 0]), self.shared.geometry)
        return Line(
            -float(found[1]), math.sqrt(covariance[1, 1]), sigma_S_m, sigma_S_m * stderr, bent, scatter
        )

    def at_25(self, *, parabola: bool) -> tuple[float, float]:
        columns = (self.ones, self.x, self.x**2) if parabola else (self.ones, self.x)
        found, covariance = self._solve(*columns)
        sigma_S_m = math.exp(found[0])
        return sigma_S_m, sigma_S_m * math.hypot(math.sqrt(covariance[0, 0]), self.shared.geometry)

    def local_eV(self) -> tuple[float, float]:
        """Return the slopes of the parabola in the middle of the colder and of the warmer half."""
        found, _ = self._solve(self.ones, self.x, self.x**2)
        low, middle, high = float(self.x.min()), float(np.median(self.x)), float(self.x.max())
        colder, warmer = 0.5 * (middle + high), 0.5 * (low + middle)
        return -float(found[1] + 2.0 * found[2] * colder), -float(found[1] + 2.0 * found[2] * warmer)

    def way_back(self) -> Change | None:
        """Compare cooling with heating where both were measured twice; what all points share cancels."""
        down = np.array([point.cooling for point in self.points])
        if min(down.sum(), (~down).sum()) < 2:
            return None
        found, covariance = self._solve(self.ones, self.x, self.x**2, down.astype(float), own_only=True)
        return Change(math.expm1(found[3]), math.exp(found[3]) * math.sqrt(covariance[3, 3]))

    def before_after(self) -> Change | None:
        """Compare the last plateau near 25 degC with the first, each brought to 25 degC."""
        near = [k for k, point in enumerate(self.points) if abs(point.temperature_K - AT_K) <= SAME_K]
        if len(near) < 2:
            return None
        first, last = near[0], near[-1]
        level = self.y + self.energy_eV * self.x
        own = self._covariance(own_only=True)
        stderr = math.sqrt(own[first, first] + own[last, last])
        ratio = math.exp(level[last] - level[first])
        return Change(ratio - 1.0, ratio * stderr)
