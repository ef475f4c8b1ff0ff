"""The interfacial resistance of a run's spectra, from a fit or a summary of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from solbench.fitting.verdicts import is_reference
from solbench.gui.models.common.words import tr

if TYPE_CHECKING:
    from solbench.gui.models.run.spectrum import SpectrumTrack


@dataclass(frozen=True)
class InterfacePoint:
    """One spectrum's interfacial resistance (ohm) with its standard error, None where that is unknown."""

    label: str
    capacity_mAh_cm2: float
    value_ohm: float
    stderr_ohm: float | None

    @property
    def is_reference(self) -> bool:
        """Get whether growth counts from here: 0 by definition."""
        return is_reference(self.value_ohm, self.stderr_ohm)


def interface_points(tracks: Sequence[SpectrumTrack]) -> list[InterfacePoint]:
    """Return what is known, in the order of measurement; a spectrum without a value is left out.

    The capacity is that of the summary; a fit has none, there it is the one that was recorded with the spectrum.
    """
    found = []
    for track in tracks:
        if track.result is None:
            continue
        value, stderr = track.result.interface
        if value is None:
            continue
        capacity = track.result.areal_capacity_mAh_cm2
        capacity = track.capacity_mAh_cm2 if capacity is None else capacity
        found.append(InterfacePoint(track.label, capacity or 0.0, value, stderr))
    return found


def without_interface(tracks: Sequence[SpectrumTrack], problem: str = "", withheld: str = "") -> str:
    """Say why there is nothing to draw, or nothing new, "" where there is.

    `problem` is that of the last fit, `withheld` why it tells no growth.
    """
    if problem:
        return tr("the last fit failed: {problem}", problem=problem)
    if withheld:
        return withheld
    if interface_points(tracks):
        return ""
    whole = [track for track in tracks if track.whole]
    if not whole:
        return tr("appears with the first complete spectrum")
    if not any(track.result for track in whole):
        return tr("no fit yet")
    if len(whole) == 1:
        return tr("one spectrum alone does not distinguish it from the electrolyte")
    return tr("the fit finds no interface: none in this cell, or not distinguishable from the electrolyte")
