"""Reading runs: from the finished file, from the journal, or, while the run is on, through the journal."""

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from itertools import chain, pairwise
from pathlib import Path
from typing import TypeVar

import numpy as np

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.beside.gauges import GaugeTrace, traces_of
from solbench.acquisition.record.beside.packed import is_kept, packed_path
from solbench.acquisition.record.beside.pressure import CellPressure, pressure_within
from solbench.acquisition.record.beside.tags import tags_of
from solbench.acquisition.record.beside.temperature import CellTemperature, temperature_within
from solbench.acquisition.record.checkpoint import read_checkpoint, telling, vouches_for_all
from solbench.acquisition.record.columns import (
    BEYOND,
    EVENTS,
    LEFT_OUT,
    LIVE_MARK,
    POINT,
    POINT_COLUMNS,
    SAMPLE,
    SAMPLE_COLUMNS,
    SAMPLES,
    SPECTRA,
    STEP_RANGES,
    STEPS,
    Array,
    Column,
    in_use,
    read_columns,
)
from solbench.acquisition.record.correcting.corrections import (
    Correction,
    corrected_header,
    corrections_path,
    left_out,
    read_corrections,
    with_header,
)
from solbench.acquisition.record.events import (
    CommissioningText,
    Event,
    GaugeKnown,
    GaugeRead,
    Header,
    Known,
    Note,
    Point,
    Records,
    RunEnd,
    Sample,
    SegmentStart,
    SessionStart,
    of_kinds,
)
from solbench.acquisition.record.final_file import damage_in, put_in_place
from solbench.acquisition.record.folds import SpectrumRecord, StepRecord, spectra_of, steps_of
from solbench.acquisition.record.hdf5 import Group, is_hdf5, read_file
from solbench.acquisition.record.journal import (
    Damage,
    Told,
    damage_of,
    journal_path,
    read_header,
    read_journal,
    untold,
)
from solbench.acquisition.record.rows import Block, Rows, batches, ranges_of
from solbench.protocols.corrections.mask import Mask

BLOCK_ROWS = 65_536  # of a read: 4 MB
AT_HAND = 250_000  # so many samples are read as a whole (14 MB), of more only those that are asked for
_LATEST = tuple(column for column in SAMPLE_COLUMNS if column.field in ("time_s", "charge_C"))
_UNSURE_NS = 20_000_000  # so coarse may the clock of a file system be
Stamp = tuple[int, int, int, int]
B = TypeVar("B", bound=Known)


@dataclass(frozen=True)
class Stored:
    """The samples of a run where they lie: how many they are, and what reads them all as an array of `columns.SAMPLE`.

    `latest`: time (s) and net charge (C) of the newest. `ranges`: the current range of each step that holds a current
    or a voltage; None: the samples have to tell. `between` reads those from a first to before a last one (from 0 on),
    with some columns alone filled; None where they can be read as a whole only.
    """

    count: int
    read: Callable[[], Array]
    ranges: dict[int, int] | None = None
    latest: tuple[float, float] | None = None
    between: Callable[[int, int, tuple[Column, ...]], Array] | None = None

    @classmethod
    def at_hand(cls, samples: Array, ranges: dict[int, int] | None = None) -> "Stored":
        """Return samples that have been read."""
        return cls(len(samples), lambda: samples, ranges, _latest(samples))


@dataclass(eq=False)
class Run:
    """A run as it was recorded.

    `events` are all but samples and points, the header first; `points` is an array of `columns.POINT`; `stored` says
    where the samples are, which are read when they are first asked for. SI units, positive current charges the cell.
    `corrections` have been made in the header; `as_recorded` is the run without them. `damage`: where the journal that
    it was read or built from is damaged; what comes after that is not in it.
    """

    path: Path
    events: Sequence[Event]
    points: Array
    stored: Stored
    corrections: tuple[Correction, ...] = ()
    first: Event | None = None  # as it was recorded, where the header is a corrected one
    damage: Damage | None = None
    _window: tuple[int, Array] | None = field(
        default=None, init=False, repr=False
    )  # the first's number, samples

    @property
    def recorded(self) -> Header:
        """Get the header as it was recorded."""
        first = self.first.body if self.first is not None else None
        return first if isinstance(first, Header) else self.header

    def as_recorded(self) -> "Run":
        """Return the run as if nothing had been corrected."""
        events = with_header(self.events, self.recorded)
        points = self.points
        if np.any(points["untrusted"] & LEFT_OUT):
            points = points.copy()
            points["untrusted"] &= BEYOND
        return replace(self, events=events, points=points, corrections=(), first=None)

    @cached_property
    def samples(self) -> Array:
        """Get all samples, an array of `columns.SAMPLE`; raises what reading the file raises."""
        return self.stored.read()

    def samples_of(self, step: int) -> Array:
        """Return the samples of the step with this index, a part of `samples`: steps follow one another."""
        return self.samples_between(*self._places_of_steps.get(step, (0, 0)))

    def samples_between(self, first: int, last: int) -> Array:
        """Return the samples from `first` to before `last` (from 0 on); of many, few beyond these alone are read.

        What follows is read along with them, so that going through a run from its beginning is fast and going
        backward is slow: each call then reads `BLOCK_ROWS` rows anew.
        """
        between = self._between
        if between is None:
            own: Array = self.samples[first:last]
            return own
        window = self._window  # once: another thread may look elsewhere
        if window is None or first < window[0] or last > window[0] + len(window[1]):
            window = first, between(first, max(last, first + BLOCK_ROWS), SAMPLE_COLUMNS)
            self._window = window  # what follows is asked for next
        return window[1][first - window[0] : last - window[0]]

    def sample_blocks(self, *fields: str) -> Iterator[Array]:
        """Yield all samples in order and in parts, with these columns filled."""
        columns = tuple(column for column in SAMPLE_COLUMNS if column.field in fields)
        between = self._between
        for first in range(0, self.stored.count, BLOCK_ROWS):
            last = min(first + BLOCK_ROWS, self.stored.count)
            yield self.samples[first:last] if between is None else between(first, last, columns)

    @property
    def _between(self) -> Callable[[int, int, tuple[Column, ...]], Array] | None:
        """Get what reads some samples, None where they are at hand, or few."""
        at_hand = self.stored.count <= AT_HAND or "samples" in vars(self)
        return None if at_hand else self.stored.between

    @cached_property
    def _places_of_steps(self) -> dict[int, tuple[int, int]]:
        """Return where the samples of each step begin and end."""
        found: dict[int, tuple[int, int]] = {}
        done = 0
        for block in self.sample_blocks("step"):
            steps = block["step"]
            edges = [0, *(np.flatnonzero(np.diff(steps)) + 1).tolist(), len(steps)]
            for begin, end in pairwise(edges):
                step = int(steps[begin])
                found[step] = (found.get(step, (done + begin, 0))[0], done + end)
            done += len(steps)
        return found

    @cached_property
    def segments_of_steps(self) -> dict[int, list[SegmentStart]]:
        """Get the segments that each step began, in order."""
        found: dict[int, list[SegmentStart]] = {}
        for _, start in self.bodies(SegmentStart):
            found.setdefault(start.step.index, []).append(start)
        return found

    @property
    def sample_count(self) -> int:
        """Get the number of samples; they are not read."""
        return self.stored.count

    @cached_property
    def ranges(self) -> dict[int, int]:
        """Get the current range on which each step that holds a current or a voltage was measured."""
        if self.stored.ranges is not None:
            return self.stored.ranges
        return ranges_of(self.samples, [start for _, start in self.bodies(SegmentStart)])

    @property
    def header(self) -> Header:
        """Get what the run's first record says; raises RunFileError where that is no header."""
        body = self.events[0].body
        if not isinstance(body, Header):
            raise RunFileError(f"{self.path}: its first record is not a header but `{body.kind}`")
        return body

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Get the tags that people gave the run, in the order in which it got them."""
        return tags_of(self.path, self.header.run)

    @property
    def simulated(self) -> bool:
        """Get whether the bench was a simulated one."""
        return self.header.simulated

    @cached_property
    def sessions(self) -> list[SessionStart]:
        """Get the beginnings of the programs' parts of the run."""
        return [body for _, body in self.bodies(SessionStart)]

    @property
    def commissioning(self) -> CommissioningText | None:
        """Get the commissioning record that was last in use, None where the bench had none."""
        found = [session.commissioning for session in self.sessions if session.commissioning is not None]
        return found[-1] if found else None

    @property
    def unit(self) -> str:
        """Get which specimen a simulated bench was, "" of a real one; before there were several, the ideal one."""
        unit = self.sessions[-1].unit if self.sessions else ""
        return unit or ("ideal" if self.simulated else "")

    @property
    def mark(self) -> str:
        """Get the words that mark what is shown of a simulated run, "" of any other."""
        return f"SIMULATED, unit {self.unit}" if self.simulated else ""

    @property
    def not_commissioned(self) -> bool:
        """Get whether the bench was not known well enough for conclusions from its spectra, in any part of the run."""
        return any(session.not_commissioned for session in self.sessions)

    @property
    def end(self) -> RunEnd | None:
        """Get how the run ended, None if it did not end in an orderly way."""
        last = self.events[-1].body
        return last if isinstance(last, RunEnd) else None

    @property
    def completed(self) -> bool:
        """Get whether the run ended by its own end conditions."""
        return self.end is not None and self.end.completed

    @cached_property
    def steps(self) -> list[StepRecord]:
        """Get the executed steps; one in progress with what has flowed up to the newest reading."""
        steps = steps_of(self.events)
        if steps and steps[-1].in_progress and self.stored.latest is not None:
            now, before_C = steps[-1], sum(step.charge_C for step in steps[:-1])
            reading_s, charge_C = self.stored.latest
            now.reach(charge_C - before_C)
            now.end_s = max(reading_s, self.events[-1].time_s, self.points["time_s"].max(initial=0.0))
        return steps

    @cached_property
    def attempts(self) -> list[SpectrumRecord]:
        """Get all attempts at spectra, interrupted ones too."""
        return spectra_of(self.events)

    @cached_property
    def spectra(self) -> list[SpectrumRecord]:
        """Get the spectra that are whole."""
        return [spectrum for spectrum in self.attempts if spectrum.whole]

    @cached_property
    def gauges(self) -> list[GaugeTrace]:
        """Get what the gauges beside the cell showed."""
        known, reads = self.bodies(GaugeKnown), self.bodies(GaugeRead)
        return traces_of(chain(known, reads))

    def temperature_of(self, spectrum: SpectrumRecord) -> CellTemperature | None:
        """Return the temperature of the cell during a spectrum, None where it is neither measured nor typed."""
        until_s = float(self.points_of(spectrum)["time_s"].max(initial=spectrum.time_s))
        typed_K = spectrum.conditions.typed_temperature_K(self.header.temperature_K)
        return temperature_within(self.gauges, typed_K, spectrum.time_s, until_s)

    def pressure_of(self, spectrum: SpectrumRecord) -> CellPressure | None:
        """Return the stack pressure during a spectrum, None where it is neither measured nor typed."""
        until_s = float(self.points_of(spectrum)["time_s"].max(initial=spectrum.time_s))
        typed_Pa = spectrum.conditions.typed_stack_pressure_Pa(self.header.stack_pressure_Pa)
        return pressure_within(self.gauges, typed_Pa, spectrum.time_s, until_s)

    @cached_property
    def stack_pressure(self) -> CellPressure | None:
        """Get the stack pressure over the whole run, None where it is not known, or was set to several in turn."""
        often = max((step.conditions.times_set[1] for step in self.steps), default=0)
        if often > 1:
            return None
        typed_Pa = self.steps[-1].conditions.stack_pressure_Pa if often else self.header.stack_pressure_Pa
        return pressure_within(self.gauges, typed_Pa, 0.0, self.events[-1].time_s)

    @property
    def pressure_notes(self) -> tuple[str, ...]:
        """Get what was told of the stack pressure in the course of the run."""
        return tuple(note.text for _, note in self.bodies(Note) if note.code == "pressure")

    def temperature_in(self, step: StepRecord) -> CellTemperature | None:
        """Return the temperature of the cell during a step, None where it is neither measured nor typed."""
        typed_K = step.conditions.typed_temperature_K(self.header.temperature_K)
        return temperature_within(self.gauges, typed_K, step.start_s, step.end_s)

    def points_of(self, spectrum: SpectrumRecord) -> Array:
        """Return the points of one spectrum, in the order of frequencies in which they were first measured."""
        points = self.points
        its: Array = points[(points["segment"] == spectrum.segment) & (points["attempt"] == spectrum.attempt)]
        return in_use(its)

    def bodies(self, kind: type[B]) -> list[tuple[float, B]]:
        """Return the records of one kind with their times (s since the start of the run)."""
        events = of_kinds(self.events, (kind,))
        return [(event.time_s, event.body) for event in events if isinstance(event.body, kind)]


def open_run(path: Path, told: Told = untold) -> Run:
    """Read the run file `path` (.h5) or a journal, corrected; raises RunFileError, OSError.

    A live file, or one whose program died, is read through its journal, which holds more, and so is one that is
    gone. `told` hears of a long reading. (`sample_blocks` and `slices` read samples in parts.)
    """
    return corrected(_open_recorded(path, told))


def corrected(run: Run) -> Run:
    """Return a run with the corrections that lie beside it; raises RunFileError where these cannot be made, OSError."""
    if not corrections_path(run.path).exists():
        return run
    header = run.header
    corrections = read_corrections(run.path, header)
    if not corrections:
        return run
    try:
        events = with_header(run.events, corrected_header(header, corrections, run.path.name))
        points = _without(run.points, left_out(corrections))
    except ValueError as error:
        raise RunFileError(f"the corrections of {run.path.name} cannot be made: {error}") from error
    return replace(run, events=events, points=points, corrections=corrections, first=run.events[0])


def _without(points: Array, mask: Mask) -> Array:
    """Return points with those marked that a mask leaves out."""
    if not mask or not len(points):
        return points
    marked = points.copy()
    for spectrum in np.unique(points["spectrum"]):
        own = points["spectrum"] == spectrum
        held = mask.of("", int(spectrum)).left_out(points["frequency_Hz"][own].tolist())
        marked["untrusted"][own] |= np.where(held, LEFT_OUT, 0).astype(marked["untrusted"].dtype)
    return marked


def _open_recorded(path: Path, told: Told) -> Run:
    if path.suffix == ".journal":
        return from_journal(path, told)
    put_in_place(path)
    if not path.exists():
        if is_kept(journal_path(path)):
            return from_journal(journal_path(path), told)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    if not is_hdf5(path):
        return _through_journal(path, "is not an HDF5 file", told)
    try:
        with damage_in_words(path), read_file(path) as file:
            if f"{EVENTS}/json" in file:
                return from_final(path, file)
            reason = "is a live file" if LIVE_MARK in file.attrs else "is not a run file of solbench"
    except OSError as error:  # held by a running program, or flagged by one that died
        reason = f"cannot be opened ({error})"
    return _through_journal(path, reason, told)


@contextmanager
def damage_in_words(path: Path) -> Iterator[None]:
    """Raise RunFileError where a file lacks what it should hold, or HDF5 stumbles over it; OSError stays one."""
    try:
        yield
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RuntimeError,
    ) as error:  # RuntimeError is HDF5's
        raise RunFileError(f"{path} is not a run file of solbench, or is damaged: {error}") from error


def from_journal(path: Path, told: Told = untold) -> Run:
    """Read a run from its journal, as far as it is whole; raises RunFileError when it has no beginning, OSError.

    Where there is a checkpoint, only what came after it is read.
    """
    block, rows = Block(), Rows()
    damage: list[Damage] = []
    checkpoint = read_checkpoint(path)
    if checkpoint is None or not vouches_for_all(checkpoint, path):
        for chunk in batches(read_journal(path, told=told, damaged=damage.append)):
            rows.sorted(chunk, block)
        if not block.events:
            if damage and damage[0].behind:
                read_header(path)  # says it
            raise RunFileError(f"{path}: no complete record in it; this is not a run's journal")
        stored = Stored.at_hand(block.sample_array(), rows.ranges)
        return Run(path, block.events, block.point_array(), stored, damage=next(iter(damage), None))
    known = checkpoint.records
    rows.sorted(telling(known), block)
    latest = _latest(block.sample_array())
    block.samples.clear()
    count = len(block.events)
    rows.sorted(read_journal(path, checkpoint.place, told, damage.append), block)
    latest = _latest(block.sample_array()) or latest
    events = Records([*known.but((Sample, Point)), *block.events[count:]], path)
    samples = checkpoint.samples + len(block.samples)
    stored = Stored(samples, partial(_first, path, samples), rows.ranges, latest)
    return Run(path, events, block.point_array(), stored, damage=next(iter(damage), None))


def _latest(samples: Array) -> tuple[float, float] | None:
    return (float(samples["time_s"][-1]), float(samples["charge_C"][-1])) if len(samples) else None


def _first(journal: Path, count: int) -> Array:
    """Return so many samples from the beginning of a journal."""
    block, rows = Block(), Rows()
    for chunk in batches(read_journal(journal)):
        rows.sorted(chunk, block)
        block.events.clear()
    return block.sample_array()[:count]


def outline(path: Path) -> Run | None:
    """Read the events of a finished file alone, so that many are listed fast; None where there is no such file.

    Raises RunFileError where it is damaged, OSError.
    """
    with damage_in_words(path), opened(path) as file:
        if file is None:
            return None
        stored = _stored(path, file)
        return corrected(Run(path, _events(file, path), np.empty(0, POINT), stored, damage=damage_in(file)))


def outline_of(path: Path) -> Run:
    """Read the header of a run alone where its file is not finished, else its events; raises RunFileError, OSError."""
    found = outline(path)
    if found is not None:
        return found
    journal = path if path.suffix == ".journal" else journal_path(path)
    return corrected(
        Run(
            path,
            [Event(0, 0.0, read_header(journal))],
            np.empty(0, POINT),
            Stored.at_hand(np.empty(0, SAMPLE)),
        )
    )


def damage_beside(run: Path) -> Damage | None:
    """Return what is damaged of that from which a run is read: its finished file knows, else its journal is read.

    None where that is whole, where it is torn at its end, and where there is none; raises OSError.
    """
    with opened(run) as file:
        if file is not None:
            return damage_in(file)
    journal = run if run.suffix == ".journal" else journal_path(run)
    return _damage_kept(journal) if is_kept(journal) else None


def _damage_kept(journal: Path) -> Damage | None:
    """Return the damage of a journal, which is read once as long as it does not change: it may be a gigabyte."""
    stamps = tuple(_stamp(path) for path in (journal.absolute(), packed_path(journal.absolute())))
    newest_ns = max((stamp[1] for stamp in stamps if stamp is not None), default=0)
    if 0 <= time.time_ns() - newest_ns < _UNSURE_NS:  # it may change once more and have the same stamp
        return damage_of(journal)
    return _damage_as_stamped(journal.absolute(), stamps)


@lru_cache(maxsize=500)
def _damage_as_stamped(journal: Path, _stamps: tuple[Stamp | None, ...]) -> Damage | None:
    return damage_of(journal)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_ctime_ns


def is_finished(path: Path) -> bool:
    """Say whether `path` is a run file that was finished."""
    with opened(path) as file:
        return file is not None


@contextmanager
def opened(path: Path) -> Iterator[Group | None]:
    """Open a finished run file; None where it is none, or HDF5 cannot (held by a running program, or flagged)."""
    file = None
    put_in_place(path)
    if path.suffix != ".journal" and path.exists():
        try:
            file = read_file(path)
        except OSError:
            file = None
    if file is None:
        yield None
        return
    with file:
        yield file if f"{EVENTS}/json" in file else None


def sample_blocks(path: Path) -> Iterator[Array]:
    """Yield the samples of a run file, or of a journal, in order and in parts."""
    with opened(path) as file:
        if file is not None:
            count = len(file[SAMPLES][SAMPLE_COLUMNS[0].dataset])
            for first in range(0, count, BLOCK_ROWS):
                yield samples_between(file, first, first + BLOCK_ROWS)
            return
    rows = Rows()
    for chunk in batches(read_journal(path if path.suffix == ".journal" else journal_path(path))):
        yield rows.sorted(chunk).sample_array()


def samples_between(
    file: Group, first: int, last: int, columns: tuple[Column, ...] = SAMPLE_COLUMNS
) -> Array:
    """Return samples `first` to before `last` (from 0 on) of a finished file; only `columns` are filled."""
    group = file[SAMPLES]
    last = min(last, len(group[SAMPLE_COLUMNS[0].dataset]))
    table = np.zeros(max(last - first, 0), SAMPLE)
    return read_columns(group, columns, table, slice(first, last)) if len(table) else table


def _through_journal(path: Path, reason: str, told: Told) -> Run:
    journal = journal_path(path)
    if is_kept(journal):
        return from_journal(journal, told)
    raise RunFileError(f"{path} {reason}, and there is no journal {journal.name} beside it")


def from_final(path: Path, file: Group) -> Run:
    """Return the run in an open finished file; raises LookupError, ValueError where it is none of ours."""
    return Run(path, _events(file, path), _points(file), _stored(path, file), damage=damage_in(file))


def _stored(path: Path, file: Group) -> Stored:
    ranges = None
    if STEP_RANGES in file:  # a file of version 0.1.0 has none
        steps = zip(file[STEPS][:].tolist(), file[STEP_RANGES][:].tolist(), strict=True)
        ranges = {step: number for step, number in steps if number >= 0}
    count = len(file[SAMPLES][SAMPLE_COLUMNS[0].dataset])
    newest = samples_between(file, max(count - 1, 0), count, _LATEST)
    between = partial(_some_samples, path)
    return Stored(count, partial(between, 0, count), ranges, _latest(newest), between)


def _some_samples(path: Path, first: int, last: int, columns: tuple[Column, ...] = SAMPLE_COLUMNS) -> Array:
    with damage_in_words(path), read_file(path) as file:
        return samples_between(file, first, last, columns)


def _events(file: Group, path: Path) -> Records:
    return Records(file[EVENTS]["json"][:].tolist(), path)


def _points(file: Group) -> Array:
    tables = [np.empty(0, POINT)]
    for group in file[SPECTRA].values():
        count = len(group[POINT_COLUMNS[0].dataset])
        tables.append(read_columns(group, POINT_COLUMNS, np.zeros(count, POINT)))
    table = np.concatenate(tables)
    return table[np.argsort(table["seq"], kind="stable")]
