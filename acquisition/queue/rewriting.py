"""A run of the queue under other settings: read, changed and checked again as a whole.

What reads and checks is loaded when a run is changed: who only lists the queue does not wait for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from solbench.acquisition.queue.queued_run import QueuedRun

if TYPE_CHECKING:
    from solbench.protocols import Protocol


def rewritten(item: QueuedRun, settings: Sequence[str]) -> tuple[QueuedRun, Protocol]:
    """Return a run with each "PATH=VALUE" applied to its copy of the protocol, and that protocol.

    Another cell id, `conditions.cell_id=ID`, needs a confirmation of its own. Raises BadInput where the protocol
    would have errors then.
    """
    from solbench.acquisition.bench.bench_file import load_bench
    from solbench.protocols import check, estimate, load_cell, load_protocol, raise_errors
    from solbench.protocols.settings import with_settings

    protocol = with_settings(load_protocol(item.protocol), settings)
    record = load_cell(item.cell)
    limits = load_bench(item.bench)[0].limits
    raise_errors(check(protocol, record, instruments=limits), item.protocol_name, item.cell_name)
    cell_id = protocol.conditions.cell_id or ""
    changed = {
        "cell_id": cell_id,
        "protocol_name": protocol.name,
        "duration_s": estimate(protocol, record.build(protocol.build)).duration_s,
        "confirmed": item.confirmed and cell_id == item.cell_id,
    }
    return item.model_copy(update=changed), protocol


def for_cell(cell_id: str) -> str:
    """Return the setting that says which cell is meant; as YAML, for an id may look like a number."""
    doubled = cell_id.strip().replace("'", "''")
    return f"conditions.cell_id='{doubled}'"
