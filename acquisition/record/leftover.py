"""What a program that died left undone in the journal."""

from __future__ import annotations

from solbench.acquisition.errors import UNEXPECTED_EXIT
from solbench.acquisition.record.events import SegmentEnd
from solbench.acquisition.record.progress import Progress


def close_dangling_segment(progress: Progress, ordinal: int) -> SegmentEnd:
    """Return the end that the segment `ordinal`, in which `progress` stopped, never got."""
    assert progress.step_index is not None, "a segment has begun, so a step has"
    return SegmentEnd(
        ordinal=ordinal,
        attempt=progress.attempts[ordinal],
        segment=progress.segment,
        step=progress.step_index,
        outcome="interrupted",
        text=UNEXPECTED_EXIT,
        quantity="",
        limit=None,
        value=None,
        duration_s=progress.last_s - progress.segment_start_s,
        step_charge_C=progress.ledger.charge_C - progress.step_start_C,
        worst_gap_s=0.0,
        missed_readings=0,
    )
