"""Fitting circuits to spectra: what is fitted with what, what came out. The work is done by `solbench fit`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from solbench.acquisition.host.platform import as_typed
from solbench.analysis.fit_settings import FitSettings
from solbench.analysis.withheld import words as withheld_words
from solbench.fitting.circuit_fit import propose
from solbench.fitting.verdicts import VERDICT_WORDS
from solbench.gui.models.common.answers import Fits, SourceResult, SpectrumResult
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.jobs import Finished, Jobs
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import ntr, term, tr
from solbench.gui.models.fit.fit_choice import FitChoice, shown_names
from solbench.gui.models.fit.fit_rows import with_error
from solbench.gui.models.fit.fit_spectra import RUN_SUFFIXES, Spectrum, open_mask, read_all
from solbench.protocols.corrections.mask import Band, Mask, plain_name

FIT_S = 600.0
MOST_FLAGS = 3


class Fitting:
    """The spectra that are looked at; `changed` is called when they or their fits are others."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self.dragged = (
            Observers()
        )  # a start value is another, and will be yet another: only the curve follows
        self.sources: tuple[Path, ...] = ()
        self.spectra: list[Spectrum] = []
        self.choice = FitChoice()
        self._fitted_as: list[str] = []
        self.busy = ""
        self.said = ""
        self.simulated = False
        self._opened = self._window_set = self._mask_set = 0

    @property
    def problem(self) -> str:
        """Get what is wrong with what was chosen, "" if nothing is."""
        return self.choice.problem

    @property
    def times_set(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Get what tells whether the window, and whether the mask, was set anew: what is half typed is void then."""
        return (self._opened, self._window_set), (self._opened, self._mask_set)

    @property
    def stale(self) -> bool:
        """Get whether the fits on show were made with other settings than now."""
        return any(each.found is not None for each in self.spectra) and self._fitted_as != self.arguments

    def state_words(self, spectrum: Spectrum | None) -> str:
        """Say how many spectra are fitted, and what is doubtful of the fit of one."""
        simulated = "SIMULATED. " if self.simulated else ""
        fitted = sum(each.found is not None for each in self.spectra)
        if not fitted:
            return simulated + ntr(
                "{count} spectrum, not fitted yet.", "{count} spectra, not fitted yet.", len(self.spectra)
            )
        doubts = _doubts(spectrum.found) if spectrum is not None and spectrum.found is not None else ""
        shown = f" {spectrum.name}: {doubts}." if spectrum is not None and doubts else ""
        counted = ntr(
            "{fitted} of {count} spectrum fitted.",
            "{fitted} of {count} spectra fitted.",
            len(self.spectra),
            fitted=fitted,
        )
        return f"{simulated}{counted}{shown}"

    @property
    def ready(self) -> bool:
        """Get whether a fit can be started."""
        return self.idle and not self.problem

    @property
    def idle(self) -> bool:
        """Get whether there is something to fit and nothing is under way."""
        return bool(self.spectra) and not self.busy

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
        self._opened += 1
        opened = self._opened
        self.sources, self.spectra, self.said, self.busy = wanted, [], "", tr("reading")
        self.changed()

        def done(read: tuple[list[Spectrum], list[str], bool]) -> None:
            if opened == self._opened:
                self.spectra, said, self.simulated = read
                self.busy, self.said = "", "\n".join(said)
                self.changed()

        def failed(error: Exception) -> None:
            if opened == self._opened:
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
            self._window_set += 1
            self.choice.from_text, self.choice.to_text = wanted
            self.changed()

    def drag_window(self, low_Hz: float, high_Hz: float) -> None:
        """Choose the window that was dragged; its ends come to the nearest measured frequencies."""
        if self.spectra:
            f = np.concatenate([each.frequency_Hz for each in self.spectra])
            low, high = (float(f[np.argmin(np.abs(np.log(f / end)))]) for end in sorted((low_Hz, high_Hz)))
            if low < high:
                self._window_set += 1
                self.choice.set_window(low, high, f)
        self.changed()

    def set_mask(self, text: str) -> None:
        """Leave out points as typed, "" for none."""
        if text.strip() != self.choice.mask_text:
            self._mask_set += 1
            self.choice.mask_text = text.strip()
            self.changed()

    def pick(self, spectrum: Spectrum, places: Sequence[int]) -> None:
        """Leave out points of a spectrum by their places in it; take them back if all of them are left out."""
        own_Hz = spectrum.frequency_Hz[list(places)]
        masked = self.settings_of(spectrum).masked(own_Hz)
        mask = self.choice.settings.mask
        if masked.all():
            measured = np.unique(np.concatenate([each.frequency_Hz for each in self.spectra]))
            mask = mask.without_points(own_Hz.tolist(), measured.tolist())
        else:
            source = spectrum.source.stem if len(self.sources) > 1 else ""
            new_Hz, all_Hz = own_Hz[~masked].tolist(), spectrum.frequency_Hz.tolist()
            mask = mask.with_points(new_Hz, all_Hz, spectrum.number, source)
        self.set_mask(mask.text)

    def settings_of(self, spectrum: Spectrum | None) -> FitSettings:
        """Return what was chosen, of the mask what applies to a spectrum."""
        settings = self.choice.settings
        return settings if spectrum is None else settings.of(spectrum.source, spectrum.number)

    def can_keep(self, spectrum: Spectrum | None) -> bool:
        """Say whether something is left out of a spectrum's run that could be kept with it."""
        return spectrum is not None and not self.problem and bool(self._bands_of(spectrum.source))

    def mask_to_keep(self, run: Path) -> str:
        """Return what would be kept with a run: what is left out by a correction, and by now, too."""
        own = (replace(band, source="") for band in self._bands_of(run))
        return Mask(tuple(dict.fromkeys((*open_mask(run).bands, *own)))).text

    def _bands_of(self, run: Path) -> list[Band]:
        """Return what is left out of a run file; other programs' files have no corrections."""
        if run.suffix not in RUN_SUFFIXES:
            return []
        stem = plain_name(run.stem)
        return [band for band in self.choice.settings.mask.bands if band.source in ("", stem)]

    def kept(self, run: Path) -> None:
        """Read again a run with which a mask was kept, and forget what was kept."""
        alone, stem = len(self.sources) == 1, plain_name(run.stem)
        left = (each for each in self.choice.settings.mask.bands if not alone and each.source != stem)
        self.choice.mask_text = Mask(tuple(left)).text
        self.open(self.sources)

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

    def propose(self, spectrum: Spectrum | None) -> None:
        """Give a start value to each parameter that has none: as it was fitted, else as the search would begin."""
        circuit = self.choice.parsed
        if spectrum is None or circuit is None:
            return
        found = spectrum.found
        if found is not None and found.circuit == circuit.text:
            self.choice.fill(found.values)
        f, z = self.settings_of(spectrum).within(spectrum.frequency_Hz, spectrum.impedance_ohm)
        if len(f) and len(self.choice.values) < len(circuit.names):
            self.choice.fill(propose(circuit, f, z))
        self.changed()

    def drag(self, name: str, value: float) -> None:
        """Set a start value while it is dragged; `dragged` tells those that follow, `changed` is for its end."""
        self.choice.set_value(name, f"{value:.4g}")
        self.dragged()

    def start_curve(self, frequency_Hz: Array) -> Array | None:
        """Return the impedance (ohm) of the circuit at its start values, None while not all are known."""
        circuit, values = self.choice.parsed, self.choice.values
        if circuit is None or len(values) < len(circuit.names):
            return None
        return np.asarray(circuit.impedance(frequency_Hz, values))

    def clear_values(self) -> None:
        """Take back all start values and let all parameters go."""
        self.choice.clear()
        self.changed()

    def fit(self) -> None:
        """Start the fit of all spectra, if it can be started."""
        if not self.ready:
            return
        opened, asked = self._opened, self.arguments
        self.busy = tr("fitting")
        self.changed()

        def done(finished: Finished) -> None:
            if opened == self._opened:
                self.busy, self._fitted_as = "", asked
                self._take(finished)
                self.changed()

        self._jobs.command(asked, done, timeout_s=FIT_S)

    def _take(self, finished: Finished) -> None:
        fits = finished.read(Fits)
        if fits is None:
            self.said = finished.said or tr("the fit ended without a result")
            return
        found = {
            (result.source, spectrum.index): spectrum
            for result in fits.results
            for spectrum in result.spectra
        }
        for spectrum in self.spectra:
            spectrum.found = found.get((str(spectrum.source), spectrum.number))
        self.said = "\n".join([*fits.unread, *filter(None, map(_words, fits.results))])


def _doubts(found: SpectrumResult) -> str:
    """Return why a fit is not good; where it is, what is remarkable about single parameters."""
    if found.verdict in ("look", "wrong") and found.reason:
        return f"{term(VERDICT_WORDS[found.verdict])}: {shown_names(found.reason, found.values)}"
    if found.remarks:
        return "; ".join(found.remarks)
    shown, more = (
        shown_names("; ".join(found.flags[:MOST_FLAGS]), found.values),
        len(found.flags) - MOST_FLAGS,
    )
    return tr("{remarks}; and {count} more", remarks=shown, count=more) if more > 0 else shown


def _words(result: SourceResult) -> str:
    name = Path(result.source).name
    if result.error:
        return f"{name}: {result.error}"
    parts = []
    growth, stderr = result.r_interface_growth_ohm, result.r_interface_growth_stderr_ohm
    if growth is not None:
        parts.append(tr("the interface grows by {growth}", growth=with_error(growth, stderr, "Ω")))
    parts += [withheld_words(found) for found in result.withheld]
    if result.reason and result.verdict is not None:
        names = [name for spectrum in result.spectra for name in spectrum.values]
        parts.append(f"{term(VERDICT_WORDS[result.verdict])}: {shown_names(result.reason, names)}")
    return f"{name}: " + "; ".join(parts) if parts else ""
