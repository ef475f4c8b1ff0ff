"""What a program that died left undone in the journal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from solbench.acquisition.record.journal import Event
from solbench.acquisition.record.progress import Progress


def close_dangling_segment(progress: Progress, ordinal: int, events: Iterable[Event]) -> dict[str, Any]:
    """Return the fields of the end that the segment `ordinal`, the last one of `events`, never got."""
    last = deque((event for event in events if event.kind == "segment"), maxlen=1)
    return {
        "ordinal": ordinal,
        "attempt": progress.attempts[ordinal],
        "segment": last[0].data["segment"],
        "step": progress.step_index,
        "outcome": "interrupted",
        "text": "the program ended without a word",
        "quantity": "",
        "limit": None,
        "value": None,
        "duration_s": progress.last_s - progress.segment_start_s,
        "step_charge_C": progress.ledger.charge_C - progress.step_start_C,
        "worst_gap_s": 0.0,
        "missed_readings": 0,
    }
