"""What a run's commissioning record leaves uncertain in its spectra, for the fit."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.bench.commissioning.record import parse_record
from solbench.acquisition.bench.commissioning.use import corrections_of
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.reader import Run
from solbench.analysis.cycling import GAIN_RELATIVE
from solbench.analysis.scales import Scale
from solbench.drivers.solartron.corrections import Corrections, RangeCorrection, point_noise
from solbench.drivers.solartron.ranges import current_range
from solbench.fitting.circuit import MeasuringChain
from solbench.fitting.elements import Array
from solbench.fitting.spectra.arcs import StrayCapacitance

Points = NDArray[Any]
SINCE_RELATIVE = 5e-4
"""Standard uncertainty of a range's ratio that comes with the year after commissioning: half of the 0.1 % that is
usually quoted for a range (assumed, no specification sheet was available)."""


def chains_of(
    run: Run, spectra: Sequence[tuple[SpectrumRecord, Points]]
) -> tuple[MeasuringChain | None, ...]:
    """Return what is uncertain in each spectrum (its record and `columns.POINT`), None where nothing is.

    The 1260 alone has no lag. Lags belong to a current range, the leads to all of them.
    """
    found = run.commissioning
    if found is None:
        return (None,) * len(spectra)
    corrections = corrections_of(parse_record(found.text, found.name))
    return tuple(
        _chain(
            corrections,
            corrections.of_range(int(points["range"][0])),
            points["frequency_Hz"],
            _weight(record, points),
        )
        if len(points) and record.start.instruments == "pair"
        else None
        for record, points in spectra
    )


def stray_capacitance(run: Run) -> StrayCapacitance:
    """Return what is not certain about the capacitance that lies across the cell besides it."""
    found = run.commissioning
    if found is not None:
        leads = parse_record(found.text, found.name).values.pair_leads
        return StrayCapacitance(leads.capacitance_F.stderr)
    return StrayCapacitance(None if run.not_commissioned or not run.simulated else 0.0)


def scales_of(run: Run, spectra: Sequence[tuple[SpectrumRecord, Points]]) -> tuple[Scale, ...]:
    """Return how accurately the ohms of each spectrum (its record and `columns.POINT`) are known.

    By the commissioning record, and by how much a range may have changed since; what it does not know has the accuracy
    that is assumed of a range. Without a record nothing is added.
    """
    found = run.commissioning
    if found is None:
        return (Scale("", 0.0),) * len(spectra)
    corrections = corrections_of(parse_record(found.text, found.name))
    return tuple(_scale(corrections, record, points) for record, points in spectra)


def _scale(corrections: Corrections, record: SpectrumRecord, points: Points) -> Scale:
    if record.start.instruments != "pair" or not len(points):
        return Scale(record.start.instruments, GAIN_RELATIVE)
    own = corrections.of_range(int(points["range"][0]))
    known = own.ratio_stderr / own.ratio
    return Scale(f"RR{own.index}", math.hypot(known, SINCE_RELATIVE) if known else GAIN_RELATIVE)


def _weight(record: SpectrumRecord, points: Points) -> Array:
    """Return the weight of each point by its expected noise: little current on a large range is mostly noise."""
    ohm = np.hypot(points["real_ohm"], points["imaginary_ohm"])
    resistors_ohm = np.array([current_range(int(index)).resistor_ohm for index in points["range"]])
    drops_V = points["amplitude_V"] * resistors_ohm / ohm
    integrations_s = np.where(
        points["integration_s"] > 0.0, points["integration_s"], record.start.integration_s
    )
    noise = np.array(list(map(point_noise, drops_V.tolist(), integrations_s.tolist())))
    return np.asarray(noise.min() / noise)


def _chain(
    corrections: Corrections, own: RangeCorrection, frequency_Hz: Array, weight: Array
) -> MeasuringChain | None:
    """Return what is uncertain on a range at these frequencies (Hz), None for nothing.

    The lags of two ranges have in common what each has in common with the inductance of the leads, and no more.
    """
    jw = 2j * math.pi * frequency_Hz
    # H of the record over that of the truth multiplies what is at the leads
    by_lag = -np.array([own.by_lag(float(f)) for f in frequency_Hz])
    by_share = -np.array([own.by_share(float(f)) for f in frequency_Hz])
    at_leads = np.array([corrections.pair.series_ohm(float(f)) for f in frequency_Hz])
    leads_H = corrections.pair.inductance_stderr_H
    with_leads_s = _clipped(own.covariance_s_H / leads_H, own.lag_stderr_s) if leads_H else 0.0
    alone_s = math.sqrt(own.lag_stderr_s**2 - with_leads_s**2)
    parts = {
        f"lag RR{own.index}": (alone_s * by_lag, alone_s * by_lag * at_leads),
        f"pole RR{own.index}": (
            own.pole_share_stderr * by_share,
            own.pole_share_stderr * by_share * at_leads,
        ),
        "leads": (with_leads_s * by_lag, with_leads_s * by_lag * at_leads + leads_H * jw),
    }
    seen = {name: part for name, part in parts.items() if np.any(part[0]) or np.any(part[1])}
    if not seen:
        return None
    relative, additive = (np.array([part[k] for part in seen.values()]) for k in (0, 1))
    return MeasuringChain(tuple(seen), relative, additive, weight)


def _clipped(value: float, largest: float) -> float:
    return max(-largest, min(value, largest))
