"""One picture of a run for those who watch it, made of what the engine knows without stopping it."""

from __future__ import annotations

from typing import Any

from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.journal import Event
from solbench.acquisition.run.session import Session


class StatusSource:
    """Follows a session's events and answers for its status; `status` may be called from any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seq = 0
        self._sample: dict[str, Any] = {}
        self._segment: dict[str, Any] = {}
        self._time_s = 0.0
        self._end_reason: str | None = None
        session.recorder.listen(self._hear)

    def _hear(self, event: Event) -> None:
        self._seq = event.seq
        self._time_s = event.time_s
        if event.kind == "sample":
            self._sample = event.data
        elif event.kind == "segment":
            self._segment = event.data
        elif event.kind == "end":
            self._end_reason = event.data["reason"]

    def status(self) -> Status:
        """Return the present status."""
        session, sample, segment = self._session, self._sample, self._segment
        step = segment.get("step", {})
        progress = session.progress
        return Status(
            run=session.header["run"],
            path=str(session.run),
            state=session.run_control.state,
            simulated=session.bench.simulated,
            seq=self._seq,
            flushed_seq=session.storage.flushed_seq if session.storage is not None else 0,
            samples=progress.samples,
            time_s=self._time_s,
            step=step.get("name", ""),
            step_index=step.get("index", -1),
            segment=segment.get("segment", ""),
            cycle=step.get("cycle"),
            voltage_V=sample.get("voltage_V"),
            current_A=sample.get("current_A"),
            step_charge_C=progress.ledger.charge_C - progress.step_start_C,
            connected=progress.ledger.connected,
            searching_since=session.searching_since,
            alarms=list(session.alarms),
            end_reason=self._end_reason,
        )
