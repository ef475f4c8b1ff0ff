"""Fitting circuits to spectra: what is fitted with what, what came out. The work is done by `solbench fit`."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from acquisition.errors import AcquisitionError
from analysis.batch import GENERIC_CIRCUITS, read_job
from analysis.circuit import CircuitError, parse
from gui.models.figures import with_prefix
from gui.models.jobs import Finished, Jobs
from gui.models.observed import Observers

Array = np.ndarray[Any, Any]
FIT_S = 600.0
AUTOMATIC = "automatic"
SUFFIXES = (".h5", ".journal", ".z", ".mpt", ".dta", ".csv")
CIRCUITS = (AUTOMATIC, *GENERIC_CIRCUITS)


@dataclass(eq=False)
class Spectrum:
    """One spectrum with its fit: `found` holds the fields of `solbench fit --json`, empty before the fit."""

    source: Path
    number: int
    frequency_Hz: Array
    impedance_ohm: Array
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Get a name: the file's and the number."""
        return f"{self.source.stem} {self.number}"

    def fitted(self, frequency_Hz: Array) -> Array | None:
        """Compute the fitted impedance (ohm), None before the fit."""
        if not self.found:
            return None
        return np.asarray(parse(self.found["circuit"]).impedance(frequency_Hz, self.found["values"]))

    @property
    def residuals(self) -> Array | None:
        """Get (Z - Z_fit)/|Z|, complex, None before the fit."""
        model = self.fitted(self.frequency_Hz)
        return None if model is None else (self.impedance_ohm - model) / np.abs(self.impedance_ohm)


class Fitting:
    """The spectra that are looked at; `changed` is called when they or their fits are others."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self.changed = Observers()
        self.sources: tuple[Path, ...] = ()
        self.spectra: list[Spectrum] = []
        self.circuit = AUTOMATIC
        self.busy = ""
        self.said = ""
        self.simulated = False

    @property
    def problem(self) -> str:
        """Get what is wrong with the circuit as typed, "" if nothing is."""
        if self.circuit in (AUTOMATIC, ""):
            return ""
        try:
            parse(self.circuit)
        except CircuitError as error:
            return f"{error}. Write it as L0-R0-p(R1,CPE1)-CPE2."
        return ""

    @property
    def ready(self) -> bool:
        """Get whether a fit can be started."""
        return bool(self.spectra) and not self.busy and not self.problem

    @property
    def arguments(self) -> list[str]:
        """Get the command that makes the fit."""
        circuit = [] if self.circuit in (AUTOMATIC, "") else ["--circuit", self.circuit]
        return ["fit", *map(str, self.sources), *circuit, "--json"]

    @property
    def twin(self) -> str:
        """Get the same on the command line."""
        return shlex.join(["solbench", *self.arguments]) if self.sources else ""

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

        self._jobs.call(lambda: _read(wanted), done, failed)

    def set_circuit(self, text: str) -> None:
        """Choose the circuit; "automatic" fits run files jointly and others with the best of generic circuits."""
        self.circuit = text.strip()
        self.changed()

    def fit(self) -> None:
        """Start the fit of all spectra, if it can be started."""
        if not self.ready:
            return
        wanted = self.sources
        self.busy = "fitting"
        self.changed()

        def done(finished: Finished) -> None:
            if self.sources == wanted:
                self.busy = ""
                self._take(finished)
                self.changed()

        self._jobs.command(self.arguments, done, timeout_s=FIT_S)

    def _take(self, finished: Finished) -> None:
        if finished.result is None:
            self.said = finished.said or "the fit ended without a result"
            return
        found = {
            (result["source"], spectrum["index"]): spectrum
            for result in finished.result["results"]
            for spectrum in result["spectra"]
        }
        for spectrum in self.spectra:
            spectrum.found = found.get((str(spectrum.source), spectrum.number), {})
        self.said = "\n".join(_words(result) for result in finished.result["results"] if _words(result))


def _read(paths: Sequence[Path]) -> tuple[list[Spectrum], list[str], bool]:
    found, said, simulated = [], [], False
    for path in paths:
        try:
            job = read_job(path)
        except (ValueError, OSError, AcquisitionError) as error:
            said.append(str(error))
            continue
        simulated = simulated or job.simulated
        found += [
            Spectrum(path, number, *pair) for number, pair in zip(job.numbers, job.spectra, strict=True)
        ]
    return found, said, simulated


def _words(result: dict[str, Any]) -> str:
    name = Path(result["source"]).name
    if result["error"]:
        return f"{name}: {result['error']}"
    parts = []
    growth, stderr = result.get("r_interface_growth_ohm"), result.get("r_interface_growth_stderr_ohm")
    if growth is not None:
        parts.append(f"the interface grows by {with_error(growth, stderr, 'Ω')}")
    if result.get("reason"):
        parts.append(f"{result['verdict']}: {result['reason']}")
    return f"{name}: " + "; ".join(parts) if parts else ""


def parameter_rows(spectrum: Spectrum) -> list[tuple[str, str, str]]:
    """Return name, value with standard error, and relative error of each result of a fit."""
    if not spectrum.found:
        return []
    circuit = parse(spectrum.found["circuit"])
    units = dict(zip(circuit.names, circuit.units, strict=True))
    rows = []
    for key, name in (("r_sse", "R electrolyte"), ("r_interface", "R interface")):
        value = spectrum.found.get(f"{key}_ohm")
        if value is not None:
            rows.append(_row(name, value, spectrum.found.get(f"{key}_stderr_ohm"), "ohm"))
    for name, value in spectrum.found["values"].items():
        rows.append(_row(name, value, spectrum.found["stderr"].get(name), units.get(name, "")))
    return rows


def verdict(spectrum: Spectrum) -> str:
    """Say how good a fit is: chi2, Kramers-Kronig residual, flags."""
    found = spectrum.found
    if not found:
        return f"{len(spectrum.frequency_Hz)} points, not fitted"
    parts = [found["circuit"], f"χ²/ν {found['chi2_nu']:.3g}"]
    if found["kk_residual"] is not None:
        parts.append(f"KK {100 * found['kk_residual']:.2f} %")
    if found.get("verdict"):
        parts.append(str(found["verdict"]))
    return ", ".join(parts)


def with_error(value: float, stderr: float | None, unit: str) -> str:
    """Write a value and its standard error with one prefix: "(12.30 ± 0.20) kΩ"; without an error the value alone.

    >>> with_error(12300.0, 200.0, "Ω"), with_error(-0.0079, 0.011, "Ω"), with_error(2.0, None, "Ω")
    ('(12.30 ± 0.20) kΩ', '(-8 ± 11) mΩ', '2.0000 Ω')
    """
    if stderr is None or not np.isfinite(stderr) or stderr <= 0.0:
        return with_prefix(value, unit)
    _, _, prefixed = with_prefix(max(abs(value), stderr), unit).partition(" ")
    scale = {"p": 1e-12, "n": 1e-9, "µ": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9}
    factor = scale.get(prefixed[:1], 1.0) if prefixed != unit else 1.0
    digits = max(1 - int(np.floor(np.log10(stderr / factor))), 0)
    return f"({value / factor:.{digits}f} ± {stderr / factor:.{digits}f}) {prefixed}"


_UNITS = {"1": "", "S s^alpha": "S·s^α"}


def _relative(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 1.0 else "over 100 %"


def _row(name: str, value: float, stderr: float | None, unit: str) -> tuple[str, str, str]:
    relative = _relative(stderr / abs(value)) if stderr and value else "–"
    shown = {"ohm": "Ω", "F": "F", "H": "H"}.get(unit)
    if shown is None:  # a constant phase element's own unit, or none: no prefix belongs there
        error = f" ± {stderr:.2g}" if stderr else ""
        return name, f"{value:.5g}{error} {_UNITS.get(unit, unit)}".strip(), relative
    return name, with_error(value, stderr, shown), relative
