"""A run in one line, for notebooks: samples, steps and spectra as tables that pandas takes, shown well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from solbench.acquisition.control.outcome import end_words
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord
from solbench.acquisition.record.reader import Run, open_run

if TYPE_CHECKING:
    import pandas

    from solbench.fitting.elements import Array, Complex

_SHOWN = 8  # rows of a table
_POINTS = (
    "frequency_Hz",
    "real_ohm",
    "imaginary_ohm",
    "time_s",
    "amplitude_V",
    "range",
    "error",
    "untrusted",
)


@dataclass(frozen=True)
class Columns:
    """A table: columns by name, with their units in the names (`voltage_V`); `table["voltage_V"]` is one of them.

    `mark`: the words that mark a table of the simulated bench, "" of any other.
    """

    title: str
    mark: str
    make: Callable[[], dict[str, Array]] = field(repr=False)

    @cached_property
    def columns(self) -> dict[str, Array]:
        """Get the columns by name; they are read when they are first asked for."""
        return self.make()

    def __getitem__(self, name: str) -> Array:
        """Return a column; raises KeyError."""
        return self.columns[name]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(next(iter(self.columns.values()), ()))

    def to_pandas(self) -> pandas.DataFrame:
        """Make a pandas.DataFrame of it; raises ImportError where pandas is not installed.

        `attrs["simulated"]` is True for the simulated bench.
        """
        try:
            import pandas
        except ImportError:
            raise ImportError("to_pandas needs pandas; install it with: pip install pandas") from None
        frame = pandas.DataFrame(self.columns)
        frame.attrs["simulated"] = bool(self.mark)
        return frame

    def _repr_html_(self) -> str:
        count = len(self)
        places = (
            range(count) if count <= _SHOWN else (*range(_SHOWN // 2), *range(count - _SHOWN // 2, count))
        )
        rows = [[_shown(column[place]) for column in self.columns.values()] for place in places]
        if count > _SHOWN:
            rows.insert(_SHOWN // 2, ["..." for _ in self.columns])
        return _html(f"{self.title}, {count} rows", self.mark, list(self.columns), rows)


@dataclass(frozen=True)
class OpenedSpectrum:
    """One spectrum: frequencies (Hz), complex impedances (ohm), and its points as a table, in the order of measurement.

    `record` holds the conditions under which it was measured.
    """

    record: SpectrumRecord
    points: Columns

    @property
    def frequency_Hz(self) -> Array:
        """Get the frequencies."""
        return self.points["frequency_Hz"]

    @property
    def impedance_ohm(self) -> Complex:
        """Get the impedances, Z'' with its true sign."""
        impedance: Complex = self.points["real_ohm"] + 1j * self.points["imaginary_ohm"]
        return impedance

    def to_pandas(self) -> pandas.DataFrame:
        """Make a pandas.DataFrame of its points; raises ImportError where pandas is not installed."""
        return self.points.to_pandas()

    def _repr_html_(self) -> str:
        return self.points._repr_html_()


class Spectra(Sequence[OpenedSpectrum]):
    """The whole spectra of a run, in the order in which they were measured."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._all = [_spectrum(run, record) for record in run.spectra]

    def __getitem__(self, place: Any) -> Any:
        """Return a spectrum, or a list of some."""
        return self._all[place]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all)

    def __iter__(self) -> Iterator[OpenedSpectrum]:
        """Go through them."""
        return iter(self._all)

    def to_pandas(self) -> pandas.DataFrame:
        """Make one pandas.DataFrame of all points with a column `spectrum`; raises ImportError without pandas."""
        return self._table.to_pandas()

    @property
    def _table(self) -> Columns:
        def make() -> dict[str, Array]:
            numbers = [np.full(len(one.points), one.record.spectrum) for one in self._all]
            parts = {name: [one.points[name] for one in self._all] for name in _POINTS}
            joined = {name: np.concatenate(part) if part else np.array([]) for name, part in parts.items()}
            return {"spectrum": np.concatenate(numbers) if numbers else np.array([], int), **joined}

        return Columns("all spectra", self._run.mark, make)

    def _repr_html_(self) -> str:
        head = ["spectrum", "time_s", "role", "points", "from_Hz", "to_Hz", "dc_voltage_V", "amplitude_V"]
        rows = [
            [
                _shown(value)
                for value in (
                    one.record.spectrum,
                    one.record.time_s,
                    one.record.start.role,
                    len(one.points),
                    *(
                        one.frequency_Hz[[0, -1]] if len(one.points) else (None, None)
                    ),  # a damaged file has lost them
                    one.record.start.dc_voltage_V,
                    one.record.start.amplitude_V,
                )
            ]
            for one in self._all
        ]
        return _html("spectra", self._run.mark, head, rows)


@dataclass(frozen=True)
class OpenedRun:
    """A run that was opened to be looked at; `run` is all that its file holds."""

    run: Run

    @cached_property
    def samples(self) -> Columns:
        """Get the readings: time, voltage, current and charge in SI; positive current charges the cell."""
        return Columns("samples", self.run.mark, lambda: _fields(self.run.samples))

    @cached_property
    def steps(self) -> Columns:
        """Get the executed steps with their charges (C)."""
        return Columns("steps", self.run.mark, lambda: _steps(self.run.steps))

    @cached_property
    def spectra(self) -> Spectra:
        """Get the whole spectra."""
        return Spectra(self.run)

    @cached_property
    def corrections(self) -> Columns:
        """Get the corrections of what was typed before the run, a row a field; they are made in all the rest."""
        return Columns("corrections", self.run.mark, lambda: _corrections(self.run))

    @property
    def simulated(self) -> bool:
        """Get whether the bench was a simulated one."""
        return self.run.simulated

    def _repr_html_(self) -> str:
        header = self.run.header
        how = "completed" if self.run.completed else f"not completed: {end_words(self.run)}"
        parts = (
            f"{self.run.path.name}: {header.cell.name}, build {header.cell.build}",
            f"REPLAY of {header.replays}" if header.replays else "",
            f"begun {header.started}",
            how,
            f"{self.run.sample_count} samples",
        )
        title = ", ".join(filter(None, parts))
        steps = self.steps
        rows = [[_shown(column[place]) for column in steps.columns.values()] for place in range(len(steps))]
        corrected = self.corrections._repr_html_() if self.run.corrections else ""
        shown = _html(title, self.run.mark, list(steps.columns), rows)
        return corrected + shown + self.spectra._repr_html_()


def open_to_look(path: str | Path) -> OpenedRun:
    """Open a run file (.h5) or a journal; raises RunFileError, OSError."""
    return OpenedRun(open_run(Path(path)))


def _spectrum(run: Run, record: SpectrumRecord) -> OpenedSpectrum:
    def make() -> dict[str, Array]:
        points = run.points_of(record)
        return {name: np.asarray(points[name]) for name in _POINTS}

    return OpenedSpectrum(record, Columns(f"spectrum {record.spectrum}", run.mark, make))


def _corrections(run: Run) -> dict[str, Array]:
    rows = [(one, change) for one in run.corrections for change in one.changes]
    columns = {
        "made": [one.made for one, _ in rows],
        "who": [one.who for one, _ in rows],
        "why": [one.why for one, _ in rows],
        "field": [change.field for _, change in rows],
        "before": [change.before for _, change in rows],
        "after": [change.after for _, change in rows],
    }
    return {name: np.array(values, object) for name, values in columns.items()}


def _fields(table: np.ndarray[Any, Any]) -> dict[str, Array]:
    return {name: np.asarray(table[name]) for name in table.dtype.names or ()}


def _steps(steps: Sequence[StepRecord]) -> dict[str, Array]:
    return {
        "step": np.array([step.index for step in steps], int),
        "name": np.array([step.name for step in steps], object),
        "kind": np.array([step.kind for step in steps], object),
        "cycle": np.array([step.cycle or 0 for step in steps], int),
        "start_s": np.array([step.start_s for step in steps], float),
        "end_s": np.array([step.end_s for step in steps], float),
        "charge_C": np.array([step.charge_C for step in steps], float),
        "in_progress": np.array([step.in_progress for step in steps], bool),
    }


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _html(title: str, mark: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Make a table for a notebook; one of the simulated bench says so."""
    marked = f' <strong style="color:#8f3e00">{escape(mark)}</strong>' if mark else ""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f"<p>{escape(title)}{marked}</p><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"
    )
