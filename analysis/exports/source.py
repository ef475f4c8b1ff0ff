"""A run as a source of exports: small things at once, samples in blocks, so that its length does not matter."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from solbench.acquisition.errors import RunFileError
from solbench.acquisition.record.beside.packed import is_kept
from solbench.acquisition.record.columns import Array
from solbench.acquisition.record.events import Header, ProtocolChanged
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.acquisition.record.journal import journal_path
from solbench.acquisition.record.reader import Run, is_finished, open_run, sample_blocks
from solbench.protocols import Build, Protocol, parse_cell, parse_protocol
from solbench.protocols.corrections.under_way import with_changes


class Source:
    """A run file, or the journal of a run that has no final file yet.

    `outline` is the run without its samples. Raises RunFileError where neither can be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._kept = path if is_finished(path) or path.suffix == ".journal" else journal_path(path)
        if not is_kept(self._kept):
            raise RunFileError(f"{path} is not a finished run file, and there is no journal beside it")

    @property
    def stem(self) -> str:
        """Get the beginning of the names of exported files, with the mark of a simulated run."""
        return self.path.stem + ("_SIMULATED" if self.simulated else "")

    @property
    def mark(self) -> str:
        """Get what the title of an exported text says of a simulated run, empty for others."""
        unit = self.outline.unit
        return f", SIMULATED: the run was made on the simulated bench (unit {unit})" if self.simulated else ""

    @property
    def simulated(self) -> bool:
        """Get whether the bench was a simulated one."""
        return self.outline.simulated

    @property
    def header(self) -> Header:
        """Get what the run's first record says."""
        return self.outline.header

    @cached_property
    def outline(self) -> Run:
        """Get the run; its samples are left in the file."""
        return replace(open_run(self._kept), path=self.path)

    @cached_property
    def attempts(self) -> list[SpectrumRecord]:
        """Get all attempts at spectra that have points, interrupted ones too."""
        return [record for record in self.outline.attempts if len(self.outline.points_of(record))]

    @cached_property
    def protocol(self) -> Protocol:
        """Get the protocol as it was run, with what was changed of it on the way."""
        begun = parse_protocol(self.header.protocol.text, f"protocol in {self.path.name}")
        made = [each for _, changed in self.outline.bodies(ProtocolChanged) for each in changed.changes]
        return with_changes(begun, made) if made else begun

    @cached_property
    def build(self) -> Build:
        """Get the build of the cell as it was recorded: the currents that were set follow from that."""
        cell = self.outline.recorded.cell
        return parse_cell(cell.text, f"cell in {self.path.name}").build(cell.build)

    def blocks(self) -> Iterator[Array]:
        """Yield the samples as arrays of `columns.SAMPLE`, in order."""
        return sample_blocks(self._kept)
