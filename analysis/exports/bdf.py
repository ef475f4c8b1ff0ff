"""Battery Data Format: one table a run, as CSV or parquet, and a file beside it that says what it is."""

import json
import re
from datetime import datetime
from pathlib import Path

from solbench.acquisition.control.outcome import end_words
from solbench.acquisition.errors import OutputExists
from solbench.acquisition.record.charge_ledger import COUNTED
from solbench.acquisition.record.codec import to_plain
from solbench.acquisition.record.events import SessionStart
from solbench.acquisition.record.folds import SpectrumRecord
from solbench.analysis.exports.bdf_columns import bdf_blocks
from solbench.analysis.exports.folder import Folder, csv_lines
from solbench.analysis.exports.signs import direction_in_words
from solbench.analysis.exports.source import Source
from solbench.analysis.summary import gauge_summary
from solbench.analysis.temperature import of_run
from solbench.protocols.errors import BadInput

_SIDECAR = ".bdf.metadata.json"


def export_csv(source: Source, folder: Folder) -> None:
    """Write `Institution__Cell__YYYYMMDD_XXX.bdf.csv` and its metadata; raises OutputExists, RunFileError."""
    name = _name(source, folder, ".bdf.csv")
    with folder.text(name + ".bdf.csv") as stream:
        for number, columns in enumerate(bdf_blocks(source)):
            if number == 0:
                stream.write(",".join(columns) + "\n")
            stream.write(csv_lines(columns))
    _write_metadata(source, folder, name)


def export_parquet(source: Source, folder: Folder) -> None:
    """Write the same as parquet; raises BadInput where pyarrow is not installed."""
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        raise BadInput(
            "parquet files need the library pyarrow, which is not installed",
            "Install it with: pip install 'solbench[parquet]'; or choose --format bdf",
            field="--format",
        ) from None
    name = _name(source, folder, ".bdf.parquet")
    path = folder.new(name + ".bdf.parquet")
    writer: ParquetWriter | None = None
    try:
        for columns in bdf_blocks(source):
            block = pyarrow.table(columns)
            writer = writer or ParquetWriter(path, block.schema)
            writer.write_table(block)
    finally:
        if writer is not None:
            writer.close()
    _write_metadata(source, folder, name)


def _name(source: Source, folder: Folder, suffix: str) -> str:
    """Return the name without its ending, with the first number that no other run of that cell and day has."""
    header = source.header
    cell = header.conditions.cell_id or f"{header.cell.name}-{header.cell.build}"
    day = datetime.fromisoformat(header.started).strftime("%Y%m%d")
    marked = cell + ("-SIMULATED" if source.simulated else "")
    stem = f"{_word(folder.institution)}__{_word(marked)}__{day}"
    for number in range(1, 1000):
        name = f"{stem}_{number:03d}"
        table, sidecar = folder.path / (name + suffix), folder.path / (name + _SIDECAR)
        if _is_of(source, sidecar):
            if table.exists():
                raise OutputExists(str(table))
            return name
        if not any(folder.path.glob(f"{name}.bdf.*")):
            return name
    raise OutputExists(str(folder.path / f"{stem}_999{suffix}"))


def _word(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", text).strip("-") or "Unknown"


def _is_of(source: Source, sidecar: Path) -> bool:
    """Say whether a metadata file is of the same run, which then was exported before."""
    try:
        return bool(json.loads(sidecar.read_text(encoding="utf-8"))["extras"]["run"] == source.header.run)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write_metadata(source: Source, folder: Folder, name: str) -> None:
    if not (folder.path / (name + _SIDECAR)).exists():  # there from the other format of the same run
        folder.write(name + _SIDECAR, _metadata(source, name))


def _metadata(source: Source, name: str) -> str:
    """Describe the run: what BattINFO's record of a test has a field for there, all else under `extras`.

    The records are closed: a key of ours in one of them makes the file unreadable.
    """
    header, run = source.header, source.outline
    sessions = [session for _, session in run.bodies(SessionStart)]
    described = {
        "battinfo_test": {
            "test": {
                "name": header.protocol.name or "unnamed",
                "identifier": header.run,
                "instrument_name": header.bench.name,
                "protocol_name": header.protocol.name,
                "started_at": int(datetime.fromisoformat(header.started).timestamp()),
                "status": "completed" if run.completed else "aborted" if run.end else "other",
            },
            "provenance": {
                "source_file": source.path.name,
                "source_type": "simulation" if source.simulated else "measurement",
            },
        },
        "raw": {"file": source.path.name, "format": "solbench run file"},
        "extras": {
            "run": header.run,
            "name": name,
            "ontology": "https://w3id.org/battery-data-alliance/ontology/battery-data-format",
            "ontology_version": "1.3.0",
            "completed": run.completed,
            "end_reason": end_words(run),
            "started": header.started,
            "conditions": to_plain(header.conditions),
            "cell": {
                "name": header.cell.name,
                "build": header.cell.build,
                "quantities": dict(header.cell.quantities),
                "record": header.cell.text,
            },
            **_corrections(source),
            "bench": header.bench.name,
            "instruments": to_plain(sessions[0])["instruments"] if sessions else {},
            "protocol": {"name": header.protocol.name, "text": header.protocol.text},
            "simulated": source.simulated,
            "program": to_plain(header.program),
            "sign": direction_in_words(source.build),
            "charge": COUNTED,
            "rows": _ROWS,
            **_gauges(source),
            "temperature": to_plain(temperature) if (temperature := of_run(source.outline)) else "unknown",
            "spectra": [_spectrum(source, record) for record in source.attempts],
        },
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


_ROWS = (
    "A row is a reading, or a point of a spectrum where there is a frequency; such rows hold the voltage and the "
    "current that were held when the sweep began, and the capacities of the reading before. Step Count counts "
    "segments of one kind of control from 0, anew after a spectrum on demand; Step ID is the name of the step in the "
    "protocol. Cycle Count counts the passes of all loops. Voltage and current are empty where an overload falsified "
    "them."
)


def _corrections(source: Source) -> dict[str, object]:
    """Return what was corrected, and the record and the conditions as they were recorded."""
    run = source.outline
    if not run.corrections:
        return {}
    return {
        "corrections": [to_plain(correction) for correction in run.corrections],
        "recorded": {"cell": to_plain(run.recorded.cell), "conditions": to_plain(run.recorded.conditions)},
    }


def _spectrum(source: Source, record: SpectrumRecord) -> dict[str, object]:
    """Return what is known of a spectrum, with the temperature of the cell."""
    temperature = source.outline.temperature_of(record)
    measured = {"temperature": to_plain(temperature)} if temperature is not None else {}
    return {"whole": record.whole, **to_plain(record.start), **measured}


def _gauges(source: Source) -> dict[str, object]:
    """Return what gauges beside the cell showed in short: the format has no rows for them."""
    gauges = [to_plain(gauge_summary(trace)) for trace in source.outline.gauges]
    return {"gauges": gauges} if gauges else {}
