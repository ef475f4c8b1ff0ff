"""The run on show: everything its screens draw, put together from a source's news. No Qt, no threads of its own."""

import itertools
import math
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.verbs import State
from solbench.acquisition.record.beside.gauges import GaugeFold
from solbench.acquisition.record.events import (
    Edge,
    Event,
    GaugeKnown,
    GaugeRead,
    Header,
    Paused,
    ProtocolChanged,
    Resumed,
    RunEnd,
    SegmentEnd,
    SegmentStart,
    SessionStart,
    SpectrumAsked,
    SpectrumQuality,
    SpectrumStart,
    SwitchIntent,
)
from solbench.acquisition.record.folds import StepFold, StepRecord
from solbench.analysis.cycling import Pair, areal_capacity_mAh_cm2, has_efficiency, pairs_of
from solbench.analysis.on_demand import on_demand_at
from solbench.gui.models.common.trace import Trace
from solbench.gui.models.run.ahead import Coming
from solbench.gui.models.run.alarms import Alarms
from solbench.gui.models.run.ends import Limit, limits_of, nearest_end
from solbench.gui.models.run.log import Log, LogLine
from solbench.gui.models.run.plan import RunPlan
from solbench.gui.models.run.run_alarms import RunAlarms
from solbench.gui.models.run.spectrum import Spectra
from solbench.gui.models.run.step_list import Left
from solbench.gui.models.run.step_traces import StepTraces
from solbench.gui.models.sources.source import Link, Source
from solbench.protocols.segments import Sweep

_NUMBERS = itertools.count(1)


class RunModel:
    """Follows one source. `update` takes its news; `version` grows with every change that is worth a redraw.

    `awaited`: the user waits for its end, which is an alarm if it is a fault; a file that is opened raises none.
    `number` is this model's alone as long as the program runs: what was drawn is told by it from what is to be drawn.
    """

    def __init__(self, source: Source, alarms: Alarms, awaited: bool = False) -> None:
        self.number = next(_NUMBERS)
        self.source = source
        self.path: Path = source.path
        self.version = 0
        self.plan: RunPlan | None = None
        self.spectra = Spectra()
        self.log = Log()
        self.status: Status | None = None
        self.link = Link(text="connecting")
        self.heard_at = time.time()
        self.segment: SegmentStart | None = None
        self.segment_start_s = 0.0
        self.connected = False  # or about to be
        self._seq = -1  # of the newest event
        self.events = 0  # taken: what follows from them alone is the same as long as this is
        self._left: tuple[int, Left] | None = None  # at so many events
        self.end: RunEnd | None = None
        self.traces = StepTraces(source.want)
        self.gauges = GaugeFold()
        self._alarms = RunAlarms(source.path, alarms, awaited)
        self._steps = StepFold()
        self._asked_s = 0.0
        self.unit = ""  # which specimen a simulated bench is
        self._pause_reason = ""
        self._paused_s: float | None = None
        self._result_wanted = False

    @property
    def trace(self) -> Trace:
        """Get voltage and current against time."""
        return self.traces.trace

    @property
    def known(self) -> bool:
        """Get whether the run's beginning has been read."""
        return self.plan is not None

    @property
    def simulated(self) -> bool:
        """Get whether the run's bench is a simulated one; unknown counts as no."""
        if self.plan is not None:
            return self.plan.header.simulated
        return self.status is not None and self.status.simulated

    @property
    def mark(self) -> str:
        """Get the words that mark a simulated run, with the specimen that its bench is; "" of any other."""
        if not self.simulated:
            return ""
        return f"SIMULATED, unit {self.unit}" if self.unit else "SIMULATED"

    @property
    def replays(self) -> str:
        """Get the name of the recorded dialogue that the run replays, "" of any other."""
        return self.plan.header.replays if self.plan is not None else ""

    @property
    def state(self) -> str:
        """Get the state in a word: that of the engine, "completed", "not completed", "engine gone" or "damaged"."""
        if self.end is not None:
            return "completed" if self.end.completed else "not completed"
        if self.engine_gone:
            return "damaged" if self.link.damage else "engine gone"
        return self.status.state.value if self.status is not None else "connecting"

    @property
    def alive(self) -> bool:
        """Get whether there is an engine to speak to."""
        return not self.link.over and (self.status is None or self.status.state is not State.ENDED)

    @property
    def engine_gone(self) -> bool:
        """Get whether the engine has gone and the run has no end."""
        return self.end is None and self.link.over

    @property
    def needs_engine(self) -> bool:
        """Get whether a new engine can resume the run: it was stopped, a fault ended it, or its engine has gone."""
        over = self.link.over and self.source.kind != "replay" and self.known
        return over and not self.link.damage and (self.end is None or not self.end.is_final)

    @property
    def can_resume(self) -> bool:
        """Get whether the run, or the replay, can continue."""
        return self.needs_engine or (self.alive and self.state == State.PAUSED.value)

    @property
    def now(self) -> bool:
        """Get whether what is shown happens now: an engine drives the instruments, and the run has not ended."""
        return self.source.kind == "engine" and self.alive and self.end is None

    @property
    def has_reading(self) -> bool:
        """Get whether voltage and current are those of now: not after the end, nor in a pause without readings."""
        read = self._paused_s is None or (len(self.trace) > 0 and self.trace.last_s > self._paused_s)
        return self.alive and self.end is None and read

    @property
    def searching(self) -> str:
        """Get since when (hh:mm, here) the engine looks for its lost instruments, "" where it does not."""
        since = self.status.searching_since if self.status is not None and self.alive else ""
        return f"{datetime.fromisoformat(since).astimezone():%H:%M}" if since else ""

    @property
    def cell_word(self) -> str:
        """Get whether the cell is on, as far as this is known: an engine that died as it was on cannot tell."""
        if self.end is not None:
            return "cell off" if self.end.verified_safe else "cell unknown"
        if self.status is None and self._seq < 0:
            return "cell unknown"
        if not self.connected:
            return "cell off"
        return "cell ON" if self.alive and not self.searching else "cell unknown"

    @property
    def title(self) -> str:
        """Get what is run on which cell."""
        return self.plan.title if self.plan is not None else self.path.stem

    @property
    def begun(self) -> datetime | None:
        """Get the time of day, here, at which it began, None before this is known."""
        return self.plan.begun if self.plan is not None else None

    @property
    def area_m2(self) -> float:
        """Get the cell's area in m2, not a number before it is known."""
        return self.plan.area_m2 if self.plan is not None else math.nan

    @property
    def time_s(self) -> float:
        """Get the run's time in s, of the newest thing heard or read."""
        read = self.trace.last_s if len(self.trace) else 0.0
        return max(read, self.status.time_s if self.status is not None else 0.0)

    @property
    def steps(self) -> list[StepRecord]:
        """Get the executed steps."""
        return self._steps.records

    @property
    def current_step(self) -> int | None:
        """Get the index of the step in progress, None before the first and after the last."""
        return self.segment.step.index if self.segment is not None else None

    @property
    def pairs(self) -> list[Pair]:
        """Get the cycles, a pair of halves each."""
        kind = self.plan.header.cell.kind if self.plan is not None else ""
        filled = has_efficiency(kind)
        return [replace(pair, is_filled=filled) for pair in pairs_of(self.steps, kind)]

    @property
    def limits(self) -> list[Limit]:
        """Get the voltages at which something happens now."""
        segment = self.segment.segment if self.segment is not None else None
        return limits_of(self.plan.safety, segment) if self.plan is not None else []

    @property
    def nearest_end(self) -> str:
        """Get how far the next end condition is; behind an early end, and in a pause, the reason.

        Of a completed run, which of its spectra are wrong.
        """
        if self.end is not None:
            return self.spectra.wrong_words if self.end.completed else self.end.reason
        if self.link.damage and self.link.over:
            return self.link.damage
        if self._pause_reason or self.segment is None or not self.alive:
            return self._pause_reason
        return nearest_end(self.segment.segment, self.status)

    @property
    def left_s(self) -> float:
        """Get how long the rest is expected to take, in s; the run must be known."""
        assert self.plan is not None
        if self._left is None or self._left[0] != self.events:
            self._left = self.events, self.plan.step_list.left(self.steps, self.current_step)
        return self._left[1].at(self.time_s)

    @property
    def coming(self) -> list[Coming]:
        """Get what comes next, and the end, while the run goes on."""
        start, plan, status = self.segment, self.plan, self.status
        if start is None or plan is None or status is None or not self.now or self._pause_reason:
            return []
        end = Coming("end", self.left_s)
        if start.ordinal < 0:  # of no plan: a spectrum on demand, something set by hand
            return [end]
        before_C = sum(step.charge_C for step in self.steps if step.index != start.step.index)
        spent_s = max(self.time_s - self.segment_start_s, 0.0)
        found = plan.ahead.coming(start.ordinal, start.segment, spent_s, status.step_charge_C, before_C)
        return [*found, replace(end, in_s=max(end.in_s, found[-1].in_s if found else 0.0))]

    def update(self) -> bool:
        """Take what is new from the source; say whether something changed."""
        batch = self.source.take()
        before = (self.link.text, self.link.lost, self.link.over)
        for event in batch.events:
            self._take_event(event)
        for points in batch.points:
            self.spectra.add(points)
        for samples in batch.samples:
            self.traces.take_samples(samples)
        if batch.status is not None:
            self._take_status(batch.status)
            self._alarms.take_status(batch.status)
        if batch.detail is not None:
            self.trace.put(batch.detail)
        self._take_link(batch.link)
        after = (self.link.text, self.link.lost, self.link.over)
        news = batch.status is not None or batch.detail is not None
        changed = not batch.empty or news or before != after
        self.version += changed
        return changed

    def close(self) -> None:
        """Let go of the source; an engine keeps running."""
        self.source.close()

    def results_wanted(self) -> bool:
        """Say once, after each whole spectrum, that the spectra are worth fitting again."""
        wanted, self._result_wanted = self._result_wanted, False
        return wanted

    def say(self, text: str) -> None:
        """Write a line of the window's own into the log on show."""
        self.log.add(LogLine(self.time_s, "info", "window", text))
        self.version += 1

    def _take_status(self, status: Status) -> None:
        self.status = status
        if status.seq >= self._seq:
            self.connected = status.connected

    def _take_link(self, link: Link) -> None:
        before, self.link = self.link, link
        self._alarms.take_link(link, before, self.end)
        if not link.lost:
            self.heard_at = time.time() - link.silent_s

    def _take_event(self, event: Event) -> None:
        self.events += 1
        self.log.event(event)
        self._steps.add(event)
        self._alarms.take_event(event.body, self.link.over)
        self._take_body(event)
        self._take_switching(event)
        self.traces.take_event(event, self.area_m2)

    def _take_body(self, event: Event) -> None:
        match event.body:
            case Header() as header:
                self.plan = RunPlan(header)
            case ProtocolChanged() as change if self.plan is not None:
                self.plan = self.plan.changed(change)
                self._change_segment(self.plan, change)
            case SessionStart(unit=unit):
                self.unit = unit
                self.end, self._pause_reason, self._paused_s = None, "", None
            case SpectrumAsked():
                self._asked_s = event.time_s
            case SegmentStart() as start:
                self._begin_segment(event.time_s, start)
            case SegmentEnd(segment="Sweep") as end:
                self._end_sweep(end)
            case SpectrumStart() as start:
                self.spectra.describe(start, areal_capacity_mAh_cm2(start.step_charge_C, self.area_m2))
            case SpectrumQuality() as quality:
                self.spectra.judge(quality)
            case Paused(reason=reason):
                self._pause_reason, self._paused_s = reason, event.time_s
            case Resumed():
                self._pause_reason, self._paused_s = "", None
            case RunEnd() as end:
                self.end, self.segment = end, None
            case GaugeKnown() | GaugeRead() as gauge:
                self.gauges.add(event.time_s, gauge)
            case _:
                pass

    def _change_segment(self, plan: RunPlan, change: ProtocolChanged) -> None:
        """Take the new ends of the segment in progress, which goes on meanwhile."""
        start = self.segment
        if start is None or start.ordinal != change.ordinal:
            return
        segment = plan.segment_at(start.ordinal)
        if segment is not None and segment.step == start.step:
            self.segment = replace(start, segment=segment)

    def _take_switching(self, event: Event) -> None:
        """Take whether the cell is on from what is newer than the status: that of a dead engine stays as it was."""
        self._seq = event.seq
        if isinstance(event.body, (SwitchIntent, Edge)) and (
            self.status is None or event.seq > self.status.seq
        ):
            self.connected = event.body.connected

    def _begin_segment(self, time_s: float, start: SegmentStart) -> None:
        self.segment, self.segment_start_s = start, time_s
        if isinstance(start.segment, Sweep):
            requested = start.ordinal < 0 and self.plan is not None
            name = on_demand_at(self.plan.header.started, self._asked_s) if requested and self.plan else ""
            self.spectra.begin(start, start.segment, name)

    def _end_sweep(self, end: SegmentEnd) -> None:
        whole = self.spectra.finish(end.ordinal, end.attempt, end.outcome == "done")
        self._result_wanted = self._result_wanted or whole
