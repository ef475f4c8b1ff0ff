"""Every format that a run can be exported to: one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.analysis.exports.folder import INSTITUTION, Folder
from solbench.protocols.errors import BadInput
from solbench.protocols.model import meant

if TYPE_CHECKING:
    from solbench.analysis.exports.source import Source


@dataclass(frozen=True)
class Format:
    """One format: what it is called in lists, and the function that writes it.

    `writer` is MODULE:FUNCTION in this package. It is loaded when it is used, so that listing the formats costs
    nothing; the function takes a `Source` and a `Folder`, and raises OutputExists, RunFileError or BadInput.
    """

    title: str
    writer: str
    needs_spectra: bool = False

    def write(self, source: Source, folder: Folder) -> None:
        """Write a run into a folder; raises what the writer raises."""
        module, _, function = self.writer.partition(":")
        writer: Callable[[Source, Folder], None] = getattr(import_module(f"{__package__}.{module}"), function)
        writer(source, folder)


FORMATS: dict[str, Format] = {
    "bdf": Format("Battery Data Format, CSV", "bdf:export_csv"),
    "bdf-parquet": Format("Battery Data Format, Parquet", "bdf:export_parquet"),
    "csv": Format("plain tables, CSV", "tables:export_tables"),
    "z": Format("ZView spectra (.z)", "zplot:export_zplot", needs_spectra=True),
    "unicycler": Format("aurora-unicycler protocol", "unicycler:export_unicycler"),
    "pybamm": Format("PyBaMM experiment", "pybamm:export_pybamm"),
}


def export_run(run: Path, kind: str, folder: Path, institution: str = INSTITUTION) -> list[Path]:
    """Export a run file (or journal) into a folder, which is created if necessary; returns what was written.

    `institution` goes into the names of Battery Data Format files. Raises BadInput for a format that there is
    not or a run without what the format holds, OutputExists, RunFileError; nothing is left behind then.
    """
    from solbench.analysis.exports.source import Source

    if kind not in FORMATS:
        raise BadInput(f"there is no format '{kind}'", meant(kind, FORMATS), field="--format")
    source = Source(run)
    if FORMATS[kind].needs_spectra and not source.attempts:
        raise BadInput("this run has no spectrum", "Choose another format", file=str(run), field="--format")
    with Folder(folder, institution) as target:
        FORMATS[kind].write(source, target)
    return target.written
