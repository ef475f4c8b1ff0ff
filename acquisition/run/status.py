"""One picture of a run for those who watch it, made of what the engine knows without stopping it."""

from solbench.acquisition.control.messages import Status
from solbench.acquisition.record.events import Event, RunEnd, Sample, SegmentStart
from solbench.acquisition.run.session import Session


class StatusSource:
    """Follows a session's events and answers for its status; `status` may be called from any thread."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seq = 0
        self._sample: Sample | None = None
        self._segment: SegmentStart | None = None
        self._time_s = 0.0
        self._end_reason: str | None = None
        session.recorder.listen(self._hear)

    def _hear(self, event: Event) -> None:
        self._seq = event.seq
        self._time_s = event.time_s
        body = event.body
        if isinstance(body, Sample):
            self._sample = body
        elif isinstance(body, SegmentStart):
            self._segment = body
        elif isinstance(body, RunEnd):
            self._end_reason = body.reason

    def status(self) -> Status:
        """Return the present status."""
        session, sample, segment = self._session, self._sample, self._segment
        step = segment.step if segment is not None else None
        progress = session.progress
        return Status(
            run=session.header.run,
            path=str(session.run),
            state=session.run_control.state,
            simulated=session.bench.simulated,
            seq=self._seq,
            flushed_seq=session.storage.flushed_seq if session.storage is not None else 0,
            samples=progress.samples,
            time_s=self._time_s,
            step=step.name if step is not None else "",
            step_index=step.index if step is not None else -1,
            segment=segment.name if segment is not None else "",
            cycle=step.cycle if step is not None else None,
            voltage_V=sample.voltage_V if sample is not None else None,
            current_A=sample.current_A if sample is not None else None,
            step_charge_C=progress.ledger.charge_C - progress.step_start_C,
            connected=progress.connected,
            searching_since=session.searching_since,
            alarms=list(session.alarms),
            end_reason=self._end_reason,
            outcomes=session.run_control.outcomes,
        )
