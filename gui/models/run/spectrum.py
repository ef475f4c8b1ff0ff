"""A spectrum on show: its points as they come, what was planned, what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from solbench.acquisition.record.columns import LEFT_OUT, POINT, in_use
from solbench.acquisition.record.events import SegmentStart, SpectrumQuality, SpectrumStart
from solbench.analysis.withheld import WithheldConclusion, words
from solbench.fitting.verdicts import BY_DEFINITION, VERDICT_WORDS, Verdict, is_reference
from solbench.gui.models.common.answers import SpectrumResult
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.words import ntr, term, tr
from solbench.protocols.segments import Sweep


@dataclass
class SpectrumTrack:
    """One attempt at a spectrum.

    `result` holds what `solbench fit --json` says of it, once it was fitted, and `fitted_ohm` the impedances of that
    circuit at the measured frequencies (ohm, complex).
    """

    number: int
    attempt: int
    segment: int
    planned_Hz: tuple[float, ...] = ()
    fraction: float | None = None
    asked: str = ""
    capacity_mAh_cm2: float | None = None
    dc_voltage_V: float | None = None
    kk_residual: float | None = None
    verdict: Verdict | None = None
    reason: str = ""
    whole: bool = False
    points: Array = field(default_factory=lambda: np.empty(0, POINT))
    result: SpectrumResult | None = None
    fitted_ohm: Array | None = None

    def add(self, points: Array) -> None:
        """Take points (columns.POINT)."""
        self.points = in_use(np.concatenate([self.points, points]))

    @property
    def is_known(self) -> Array:
        """Get of each point whether the bench is known for it and no correction leaves it out; a fit uses no other."""
        return np.asarray(self.points["untrusted"] == 0)

    @property
    def is_left_out(self) -> Array:
        """Get of each point whether a correction leaves it out."""
        return np.asarray((self.points["untrusted"] & LEFT_OUT) != 0)

    @property
    def label(self) -> str:
        """Get a short name: the requested state, when it was requested, else the number."""
        if self.asked:
            return self.asked
        return (
            f"{100 * self.fraction:.0f} %"
            if self.fraction is not None
            else tr("spectrum {number}", number=self.number)
        )

    @property
    def wrong_words(self) -> str | None:
        """Get why it is wrong, as a fit tells or as it was judged when it was measured; None where it is not."""
        if self.result is not None and self.result.verdict == "wrong":
            return self.result.reason or tr("it is not that of the cell in the record")
        return self.reason if self.verdict == "wrong" else None

    @property
    def findings(self) -> str:
        """Get what was found as text: Kramers-Kronig verdict, interfacial resistance."""
        parts = []
        if self.kk_residual is not None and self.verdict is not None:
            parts.append(f"KK {100 * self.kk_residual:.2f} % {term(VERDICT_WORDS[self.verdict])}")
        elif self.planned_Hz and not self.whole:
            parts.append(tr("{done} of {all} points", done=len(self.points), all=len(self.planned_Hz)))
        resistance, stderr = self.result.interface if self.result is not None else (None, None)
        if is_reference(resistance, stderr):
            parts.append(f"R_int {term(BY_DEFINITION)}")
        elif resistance is not None:
            parts.append(f"R_int {resistance:.3g} Ω" + (f" ± {stderr:.1g}" if stderr is not None else ""))
        return ", ".join(parts)


class Spectra:
    """All attempts at spectra of a run, in order.

    `problem` says why the last fit of them failed, `withheld` why it tells no growth of the interface.
    """

    def __init__(self) -> None:
        self.tracks: list[SpectrumTrack] = []
        self.problem = ""
        self.withheld = ""
        self.version = 0
        self._waiting: list[Array] = []

    @property
    def shown(self) -> list[SpectrumTrack]:
        """Get the last attempt at each spectrum."""
        last = {track.number: track for track in self.tracks}
        return [last[number] for number in sorted(last)]

    @property
    def wrong_words(self) -> str:
        """Get which spectra are wrong and why, in one line, "" for none."""
        wrong = {track.number: why for track in self.shown if (why := track.wrong_words) is not None}
        said = "; ".join(f"{number}: {why}" for number, why in wrong.items())
        return (
            ntr(
                "{count} spectrum is wrong ({said})",
                "{count} spectra are wrong ({said})",
                len(wrong),
                said=said,
            )
            if wrong
            else ""
        )

    def begin(self, start: SegmentStart, sweep: Sweep, asked: str = "") -> None:
        """Take a `segment` event of a sweep; `asked` says when it was requested for it."""
        self.tracks.append(
            SpectrumTrack(
                number=sweep.spectrum,
                attempt=start.attempt,
                segment=start.ordinal,
                planned_Hz=sweep.frequencies_Hz,
                fraction=sweep.fraction,
                asked=asked,
            )
        )
        waiting, self._waiting = self._waiting, []
        for points in waiting:
            self.add(points)
        self.version += 1

    def describe(self, start: SpectrumStart, capacity_mAh_cm2: float) -> None:
        """Take the conditions of a spectrum."""
        track = self.find(start.segment)
        if track is not None:
            track.dc_voltage_V, track.capacity_mAh_cm2 = start.dc_voltage_V, capacity_mAh_cm2

    def judge(self, quality: SpectrumQuality) -> None:
        """Take what a spectrum is worth."""
        track = self.find(quality.segment)
        if track is not None:
            track.kk_residual, track.verdict = quality.kk_residual, quality.verdict
            track.reason = quality.reason
            self.version += 1

    def finish(self, segment: int, attempt: int, whole: bool) -> bool:
        """Take the end of a sweep; say whether there is a whole spectrum more."""
        track = self.find(segment, attempt)
        if track is None:
            return False
        track.whole = whole
        self.version += 1
        return whole

    def add(self, points: Array) -> None:
        """Take points; those that come before their sweep's beginning was read wait for it."""
        keys = np.stack([points["segment"], points["attempt"]], axis=1)
        for segment, attempt in dict.fromkeys(map(tuple, keys.tolist())):
            own = points[(points["segment"] == segment) & (points["attempt"] == attempt)]
            track = self.find(segment, attempt)
            if track is None:
                self._waiting.append(own)
            else:
                track.add(own)
        self.version += 1

    def find(self, segment: int, attempt: int | None = None) -> SpectrumTrack | None:
        """Return the track of a segment: of one attempt, or the last one."""
        for track in reversed(self.tracks):
            if track.segment == segment and attempt in (None, track.attempt):
                return track
        return None

    def fail(self, problem: str) -> None:
        """Note why the spectra could not be fitted; what earlier fits found stays."""
        self.problem = problem or tr("the fit ended without a result")
        self.version += 1

    def take_results(
        self, results: Sequence[SpectrumResult], withheld: Sequence[WithheldConclusion] = ()
    ) -> None:
        """Take the results of a fit or a summary of the run; compute the curves where there is a circuit."""
        from solbench.fitting.circuit import parse

        self.problem = ""
        self.withheld = words(withheld[0]) if withheld else ""
        by_number = {track.number: track for track in self.shown}
        for result in results:
            track = by_number.get(result.index)
            if track is None:
                continue
            track.result = result
            if result.circuit and len(track.points):
                circuit = parse(result.circuit)
                track.fitted_ohm = circuit.impedance(track.points["frequency_Hz"], result.values)
        self.version += 1
