"""A finished run as the documents of Bluesky's event model: a start, a stream of samples, one a spectrum, a stop.

The schemas are those of event-model 1.2x (blueskyproject.io/event-model). All identifiers follow from the run's own, so
that the documents of a run are the same whenever they are made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from solbench.acquisition.record.codec import to_plain
from solbench.acquisition.record.columns import POINT_COLUMNS, SAMPLE_COLUMNS, Array, Column
from solbench.acquisition.record.reader import Run

Document = tuple[str, dict[str, Any]]
PAGE_ROWS = 4096
SAMPLES = "samples"


def documents(run: Run) -> Iterator[Document]:
    """Yield the documents of a run that has ended, in the order in which they are to be sent."""
    header = run.header
    own = _namespace(header.run)
    start = start_document(run)
    yield "start", start
    counts = {}
    columns = [column for column in SAMPLE_COLUMNS if column.field != "seq"]
    counts[SAMPLES] = len(run.samples)
    yield from _stream(own, start, SAMPLES, columns, run.samples, header.unix_s, {})
    points = [column for column in POINT_COLUMNS if column.dataset and column.field != "seq"]
    for spectrum in run.spectra:
        name = f"spectrum_{spectrum.spectrum:04d}"
        rows = run.points_of(spectrum)
        settings = {key: value for key, value in to_plain(spectrum.start).items() if value is not None}
        counts[name] = len(rows)
        yield from _stream(own, start, name, points, rows, header.unix_s, settings)
    end = run.end
    yield (
        "stop",
        {
            "uid": _uid(own, "stop"),
            "run_start": start["uid"],
            "time": header.unix_s + run.events[-1].time_s,
            "exit_status": "success" if run.completed else "fail" if end is None else "abort",
            "reason": end.reason if end is not None else "",
            "num_events": counts,
        },
    )


def start_document(run: Run) -> dict[str, Any]:
    """Return the start document: what the run is found by in a catalogue, with the corrections that were made."""
    header = run.header
    start = {
        "uid": header.run,
        "time": header.unix_s,
        "plan_name": header.protocol.name,
        "protocol": header.protocol.name,
        "protocol_text": header.protocol.text,
        "cell": header.cell.name,
        "build": header.cell.build,
        "cell_text": header.cell.text,
        "conditions": to_plain(header.conditions),
        "temperature_K": header.temperature_K,
        "bench": header.bench.name,
        "simulated": run.simulated,
        "unit": run.unit,
        "program": {"name": header.program.name, "version": header.program.version},
        "file": run.path.name,
        "completed": run.completed,
        "corrections": [to_plain(correction) for correction in run.corrections],
    }
    told = json.loads(json.dumps(start, default=str))
    return {**told, "digest": hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()}


def _stream(
    own: UUID,
    start: dict[str, Any],
    name: str,
    columns: Sequence[Column],
    rows: Array,
    unix_s: float,
    settings: dict[str, Any],
) -> Iterator[Document]:
    descriptor = _uid(own, name)
    keys = {
        column.dataset: {
            "dtype": "number",
            "dtype_numpy": column.dtype,
            "shape": [],
            "source": f"solbench:{column.field}",
            "units": column.unit,
        }
        for column in columns
    }
    yield (
        "descriptor",
        {
            "uid": descriptor,
            "run_start": start["uid"],
            "time": start["time"],
            "name": name,
            "data_keys": keys,
            "object_keys": {"solbench": list(keys)},
            "hints": {},
            "configuration": {
                "solbench": {
                    "data": {"settings": json.dumps(settings)},
                    "timestamps": {"settings": start["time"]},
                    "data_keys": {
                        "settings": {"dtype": "string", "shape": [], "source": "solbench:settings"}
                    },
                }
            },
        },
    )
    for first in range(0, len(rows), PAGE_ROWS):
        block = rows[first : first + PAGE_ROWS]
        times = (unix_s + block["time_s"]).tolist()
        yield (
            "event_page",
            {
                "descriptor": descriptor,
                "uid": [_uid(own, f"{name}/{first + k}") for k in range(len(block))],
                "seq_num": list(range(first + 1, first + len(block) + 1)),
                "time": times,
                "data": {column.dataset: block[column.field].tolist() for column in columns},
                "timestamps": {column.dataset: times for column in columns},
                "filled": {},
            },
        )


def _namespace(run: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"solbench:{run}")


def _uid(own: UUID, name: str) -> str:
    return str(uuid5(own, name))
