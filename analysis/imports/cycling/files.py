"""Which reader takes which file of another cycler: its first bytes say it, its name hardly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from solbench.analysis.imports.cycling.corrware import is_corrware, read_corrware
from solbench.analysis.imports.cycling.neware import SUFFIXES, read_neware
from solbench.analysis.imports.cycling.record import Array, CyclerRecord, checked
from solbench.analysis.imports.cycling.table import read_table
from solbench.analysis.imports.files import read_spectra
from solbench.analysis.imports.spectrum import Spectrum, read_text
from solbench.protocols.errors import BadInput
from solbench.protocols.files import require_file

_PARQUET = b"PAR1"
_BDF = ("Test Time / s", "Voltage / V", "Current / A")


def read_cycler(path: Path) -> CyclerRecord:
    """Read the readings of another cycler; raises BadInput, OSError."""
    require_file(path, str(path))
    if path.suffix.lower() in SUFFIXES:
        return checked(read_neware(path))
    with path.open("rb") as file:
        if file.read(4) == _PARQUET:
            return checked(_read_parquet(path))
    text = read_text(path)
    return checked(read_corrware(text) if is_corrware(text) else read_table(text))


def read_other(path: Path) -> tuple[CyclerRecord | None, list[Spectrum]]:
    """Read the readings of another program, and its spectra where the file has any; raises BadInput, OSError.

    The readings are None where a file holds spectra alone.
    """
    record: CyclerRecord | None = None
    refused: BadInput | None = None
    try:
        record = read_cycler(path)
    except BadInput as error:
        refused = error
    try:
        spectra = read_spectra(path)
    except BadInput:  # most tables hold none
        spectra = []
    if record is None and not spectra and refused is not None:
        raise refused
    return record, spectra


def _read_parquet(path: Path) -> CyclerRecord:
    """Read a table of the Battery Data Format as parquet."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import read_table as read_parquet
    except ImportError:
        raise BadInput(
            "parquet files need the library pyarrow, which is not installed",
            "Install it with: pip install 'solbench[parquet]'; or export the table as CSV",
            file=str(path),
        ) from None
    try:
        table = read_parquet(path)
    except ArrowException as error:
        cure = "Copy or export it again: it is damaged, or was cut off"
        raise BadInput(f"pyarrow cannot read it ({error})", cure, file=str(path)) from None
    lacking = [name for name in _BDF if name not in table.column_names]
    if lacking:
        raise BadInput(
            f"the column '{lacking[0]}' is missing", "Name a table of the Battery Data Format", file=str(path)
        )
    try:
        time_s, voltage_V, current_A = (_column(table, name) for name in _BDF)
        unix_s, net_Ah = _column(table, "Unix Time / s"), _column(table, "Net Capacity / Ah")
    except (ValueError, TypeError) as error:
        raise BadInput(
            f"a column has something else than numbers ({error})", "Export the table again", file=str(path)
        ) from None
    kept = np.isfinite(voltage_V) | np.isfinite(current_A)
    began_s = unix_s[kept][:1]
    return CyclerRecord(
        path,
        "BDF",
        time_s[kept] - time_s[kept][:1],
        voltage_V[kept],
        current_A[kept],
        charge_C=None if np.any(np.isnan(net_Ah)) else net_Ah[kept] * 3600.0,
        started_unix_s=float(began_s[0]) if np.isfinite(began_s).all() and len(began_s) else None,
        simulated=bool(np.any(_column(table, "Simulated / 1") == 1.0)),
        notes=() if np.all(kept) else (f"{int(np.sum(~kept))} rows without voltage and current left out",),
    )


def _column(table: Any, name: str) -> Array:
    """Return a column, not a number throughout where there is none."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return np.asarray(table[name].to_numpy(), float)
