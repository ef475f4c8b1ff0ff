"""Binary files of Neware (`.nda`, `.ndax`), by the library NewareNDA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from solbench.analysis.imports.cycling.record import CyclerRecord
from solbench.protocols.errors import BadInput

SUFFIXES = (".nda", ".ndax")


def read_neware(path: Path) -> CyclerRecord:
    """Read a file of Neware; raises BadInput where the library is not installed or does not understand the file."""
    try:
        import NewareNDA
    except ImportError:
        raise BadInput(
            "files of Neware need the library NewareNDA, which is not installed",
            "Install it with: pip install 'solbench[neware]'; or export the table as CSV",
            file=str(path),
        ) from None
    try:
        table: Any = NewareNDA.read(str(path))
    except Exception as error:  # noqa: BLE001 - a binary format that the library reads as far as it knows it
        raise BadInput(
            f"NewareNDA cannot read it ({type(error).__name__}: {error})",
            "Export the table as CSV",
            file=str(path),
        ) from None
    lacking = {"Time", "Voltage", "Current(mA)", "Step", "Timestamp"} - set(table.columns)
    if lacking:
        raise BadInput(f"it has no {', '.join(sorted(lacking))}", "Export the table as CSV", file=str(path))
    moments = table["Timestamp"].to_numpy("datetime64[ns]").astype("int64") / 1e9
    in_step_s = table["Time"].to_numpy("float64")
    steps = table["Step"].to_numpy()
    firsts = np.concatenate([[True], (np.diff(steps) != 0) | (np.diff(in_step_s) < 0)])
    # `Time` counts from the beginning of each step, and finer than the time of day
    begun = (moments - in_step_s)[firsts]
    time_s = begun[np.cumsum(firsts) - 1] + in_step_s
    time_s = np.maximum.accumulate(time_s - time_s[0])  # times of day are rounded
    return CyclerRecord(
        path,
        "Neware",
        time_s,
        table["Voltage"].to_numpy("float64"),
        table["Current(mA)"].to_numpy("float64") * 1e-3,
        started_unix_s=float(moments[0] - in_step_s[0]),
    )
