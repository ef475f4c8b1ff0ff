"""Fitting circuits to spectra: what is fitted with what, what came out. The work is done by `solbench fit`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from solbench.acquisition.host.platform import as_typed
from solbench.analysis.withheld import words as withheld_words
from solbench.fitting.verdicts import VERDICT_WORDS
from solbench.gui.models.common.answers import Fits, SourceResult, SpectrumResult
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.fit.fit_choice import FitChoice
from solbench.gui.models.fit.fit_rows import with_error
from solbench.gui.models.fit.fit_spectra import Spectrum, read_all

FIT_S = 600.0
MOST_FLAGS = 3


class Fitting:
    """The spectra that are looked at; `changed` is called when they or their fits are others."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self.sources: tuple[Path, ...] = ()
        self.spectra: list[Spectrum] = []
        self.choice = FitChoice()
        self._fitted_as: list[str] = []
        self.busy = ""
        self.said = ""
        self.simulated = False

    @property
    def problem(self) -> str:
        """Get what is wrong with what was chosen, "" if nothing is."""
        return self.choice.problem

    @property
    def stale(self) -> bool:
        """Get whether the fits on show were made with other settings than now."""
        return any(each.found is not None for each in self.spectra) and self._fitted_as != self.arguments

    def state_words(self, spectrum: Spectrum | None) -> str:
        """Say how many spectra are fitted, and what is doubtful of the fit of one."""
        simulated = "SIMULATED. " if self.simulated else ""
        fitted = sum(each.found is not None for each in self.spectra)
        if not fitted:
            return f"{simulated}{len(self.spectra)} spectra, not fitted yet."
        doubts = _doubts(spectrum.found) if spectrum is not None and spectrum.found is not None else ""
        shown = f" {spectrum.name}: {doubts}." if spectrum is not None and doubts else ""
        return f"{simulated}{fitted} of {len(self.spectra)} spectra fitted.{shown}"

    @property
    def ready(self) -> bool:
        """Get whether a fit can be started."""
        return bool(self.spectra) and not self.busy and not self.problem

    @property
    def arguments(self) -> list[str]:
        """Get the command that makes the fit."""
        return ["fit", *map(str, self.sources), *self.choice.arguments, "--json"]

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        return as_typed("solbench", *self.arguments) if self.sources else ""

    def open(self, paths: Sequence[Path]) -> None:
        """Read the spectra of run files and of files of other programs."""
        wanted = tuple(paths)
        self.sources, self.spectra, self.said, self.busy = wanted, [], "", "reading"
        self.changed()

        def done(read: tuple[list[Spectrum], list[str], bool]) -> None:
            if self.sources == wanted:
                self.spectra, said, self.simulated = read
                self.busy, self.said = "", "\n".join(said)
                self.changed()

        def failed(error: Exception) -> None:
            self.busy, self.said = "", str(error)
            self.changed()

        self._jobs.call(lambda: read_all(wanted), done, failed)

    def set_circuit(self, text: str) -> None:
        """Choose the circuit; "automatic" fits run files jointly, others with what each calls for."""
        if text.strip() != self.choice.circuit:
            self.choice.circuit = text.strip()
            self.changed()

    def set_weight(self, weight: str) -> None:
        """Choose how deviations are weighed."""
        self.choice.weight = weight
        self.changed()

    def set_window(self, from_text: str, to_text: str) -> None:
        """Choose the window of frequencies as typed; "" leaves an end open."""
        wanted = from_text.strip(), to_text.strip()
        if wanted != (self.choice.from_text, self.choice.to_text):
            self.choice.from_text, self.choice.to_text = wanted
            self.changed()

    def drag_window(self, low_Hz: float, high_Hz: float) -> None:
        """Choose the window that was dragged; its ends come to the nearest measured frequencies."""
        if self.spectra:
            f = np.concatenate([each.frequency_Hz for each in self.spectra])
            low, high = (float(f[np.argmin(np.abs(np.log(f / end)))]) for end in sorted((low_Hz, high_Hz)))
            if low < high:
                self.choice.set_window(low, high, f)
        self.changed()

    def set_value(self, name: str, text: str) -> None:
        """Type the start value of a parameter, or the value at which it is held."""
        if text.strip() != self.choice.texts.get(name, ""):
            self.choice.set_value(name, text)
            self.changed()

    def hold(self, name: str, held: bool) -> None:
        """Hold a parameter, or release it; without a value of its own it is held at the fitted one, if there is one."""
        if held and name not in self.choice.texts:
            fits = [each.found for each in self.spectra if each.found is not None]
            known = [fit.values[name] for fit in fits if name in fit.values]
            if known:
                self.choice.set_value(name, f"{known[0]:.6g}")
        self.choice.hold(name, held)
        self.changed()

    def take_over(self, spectrum: Spectrum | None) -> None:
        """Take the circuit and the values that a spectrum was fitted with as start values."""
        if spectrum is not None and spectrum.found is not None and spectrum.found.circuit:
            self.choice.take(spectrum.found.circuit, spectrum.found.values)
            self.changed()

    def clear_values(self) -> None:
        """Take back all start values and let all parameters go."""
        self.choice.clear()
        self.changed()

    def fit(self) -> None:
        """Start the fit of all spectra, if it can be started."""
        if not self.ready:
            return
        wanted, asked = self.sources, self.arguments
        self.busy = "fitting"
        self.changed()

        def done(finished: Finished) -> None:
            if self.sources == wanted:
                self.busy, self._fitted_as = "", asked
                self._take(finished)
                self.changed()

        self._jobs.command(asked, done, timeout_s=FIT_S)

    def _take(self, finished: Finished) -> None:
        fits = finished.read(Fits)
        if fits is None:
            self.said = finished.said or "the fit ended without a result"
            return
        found = {
            (result.source, spectrum.index): spectrum
            for result in fits.results
            for spectrum in result.spectra
        }
        for spectrum in self.spectra:
            spectrum.found = found.get((str(spectrum.source), spectrum.number))
        self.said = "\n".join(words for result in fits.results if (words := _words(result)))


def _doubts(found: SpectrumResult) -> str:
    """Return why a fit is not good; where it is, what is remarkable about single parameters."""
    if found.verdict in ("look", "wrong") and found.reason:
        return f"{VERDICT_WORDS[found.verdict]}: {found.reason}"
    flags = found.flags
    more = f"; and {len(flags) - MOST_FLAGS} more" if len(flags) > MOST_FLAGS else ""
    return "; ".join(flags[:MOST_FLAGS]) + more


def _words(result: SourceResult) -> str:
    name = Path(result.source).name
    if result.error:
        return f"{name}: {result.error}"
    parts = []
    growth, stderr = result.r_interface_growth_ohm, result.r_interface_growth_stderr_ohm
    if growth is not None:
        parts.append(f"the interface grows by {with_error(growth, stderr, 'Ω')}")
    parts += [withheld_words(found) for found in result.withheld]
    if result.reason and result.verdict is not None:
        parts.append(f"{VERDICT_WORDS[result.verdict]}: {result.reason}")
    return f"{name}: " + "; ".join(parts) if parts else ""
