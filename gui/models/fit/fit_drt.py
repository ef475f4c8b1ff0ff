"""The distributions of relaxation times of the spectra on show: computed beside the window, one at a time."""

from collections.abc import Sequence
from weakref import WeakKeyDictionary

from solbench.analysis.fit_settings import FitSettings
from solbench.analysis.views.distributions import PlainDistribution, State, plain_distribution
from solbench.gui.models.common.jobs import Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.fit.fit_spectra import Spectrum


class Relaxation:
    """What was computed for which spectrum and window; `changed` is called when there is more of it.

    A spectrum under way is finished, then those come that were wanted last: the newest wish wins.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self._known: WeakKeyDictionary[Spectrum, tuple[FitSettings, PlainDistribution]] = WeakKeyDictionary()
        self._wanted: list[Spectrum] = []
        self._settings = FitSettings()
        self._under_way = False

    def want(self, spectra: Sequence[Spectrum], settings: FitSettings) -> None:
        """Compute the distributions of these spectra within a window, the first one first; no others any more."""
        self._wanted, self._settings = list(spectra), settings
        self._go_on()

    def of(self, spectrum: Spectrum | None, settings: FitSettings) -> PlainDistribution | None:
        """Return the distribution of a spectrum within a window, None while it is not computed."""
        found = self._known.get(spectrum) if spectrum is not None else None
        return found[1] if found is not None and _same_window(found[0], settings) else None

    def states(self, spectra: Sequence[Spectrum], settings: FitSettings) -> list[State]:
        """Return those of the spectra that are computed, with where in their run they stand."""
        return [
            State(each.name, drt, each.capacity_mAh_cm2, each.temperature_K, each.time_s)
            for each in spectra
            if (drt := self.of(each, settings)) is not None
        ]

    @property
    def missing(self) -> int:
        """Get how many of the wanted ones are not computed yet."""
        return sum(self.of(each, self._settings) is None for each in self._wanted)

    def _go_on(self) -> None:
        following = next((each for each in self._wanted if self.of(each, self._settings) is None), None)
        if self._under_way or following is None:
            return
        spectrum, settings = following, self._settings
        self._under_way = True

        def done(found: PlainDistribution) -> None:
            self._under_way = False
            self._known[spectrum] = (settings, found)
            self.changed()
            self._go_on()

        def failed(error: Exception) -> None:
            done(PlainDistribution.none(str(error)))

        inside = settings.within(spectrum.frequency_Hz, spectrum.impedance_ohm)
        self._jobs.call(lambda: plain_distribution(*inside), done, failed)


def _same_window(one: FitSettings, other: FitSettings) -> bool:
    return (one.from_Hz, one.to_Hz) == (other.from_Hz, other.to_Hz)
