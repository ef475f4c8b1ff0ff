"""Every format that a run can be exported to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from solbench.analysis.exports import bdf
from solbench.analysis.exports.folder import Folder
from solbench.analysis.exports.pybamm import export_pybamm
from solbench.analysis.exports.source import Source
from solbench.analysis.exports.tables import export_tables
from solbench.analysis.exports.unicycler import export_unicycler
from solbench.analysis.exports.zplot import export_zplot
from solbench.protocols.errors import BadInput
from solbench.protocols.model import meant

FORMATS: dict[str, Callable[[Source, Folder], None]] = {
    "bdf": bdf.export_csv,
    "bdf-parquet": bdf.export_parquet,
    "z": export_zplot,
    "csv": export_tables,
    "unicycler": export_unicycler,
    "pybamm": export_pybamm,
}


def export_run(run: Path, kind: str, folder: Path, institution: str = bdf.INSTITUTION) -> list[Path]:
    """Export a run file (or journal) into a folder, which is made if need be; returns what was written.

    `institution` goes into the names of Battery Data Format files. Raises BadInput for a format that there is
    not or a run without what the format holds, OutputExists, RunFileError; nothing is left behind then.
    """
    if kind not in FORMATS:
        raise BadInput(f"there is no format '{kind}'", meant(kind, FORMATS), field="--format")
    source = Source(run)
    if kind == "z" and not source.attempts:
        raise BadInput("this run has no spectrum", "Choose another format", file=str(run), field="--format")
    with Folder(folder) as target:
        if kind == "bdf":
            bdf.export_csv(source, target, institution)
        elif kind == "bdf-parquet":
            bdf.export_parquet(source, target, institution)
        else:
            FORMATS[kind](source, target)
    return target.written
