"""The run on show: everything its screens draw, put together from a source's news. No Qt, no threads of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from solbench.acquisition.control.messages import Status
from solbench.acquisition.control.verbs import State
from solbench.acquisition.record.folds import StepFold, StepRecord
from solbench.acquisition.record.journal import Event
from solbench.analysis.asked import asked_for
from solbench.analysis.cycling import Pair, areal_capacity_mAh_cm2, pairs_of
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.trace import Trace
from solbench.gui.models.run.alarms import Alarms, gone_key
from solbench.gui.models.run.capacity import CURVES_SHOWN, CapacityCurve, thin_older
from solbench.gui.models.run.log import Log, LogLine
from solbench.gui.models.run.spectrum import Spectra
from solbench.gui.models.run.step_list import StepList
from solbench.gui.models.run.time_to_end import distance
from solbench.gui.models.run.transient import Transient, begin_transient, end_transient
from solbench.gui.models.sources.source import Link, Source
from solbench.protocols import SafetyLimits, limits_for, parse_cell, parse_protocol

VOLTAGE, CURRENT = 0, 1  # columns of the trace: V, A


@dataclass(frozen=True)
class Limit:
    """A level of voltage to draw: V, what it does, and whether it is a safety limit of the run."""

    voltage_V: float
    text: str
    safety: bool


class RunModel:
    """Follows one source. `update` takes its news; `version` grows with every change that is worth a redraw.

    `awaited`: the user waits for its end, which is an alarm if it is a fault; a file that is opened raises none.
    """

    def __init__(self, source: Source, alarms: Alarms, awaited: bool = False) -> None:
        self.source = source
        self.path: Path = source.path
        self._alarms = alarms
        self.version = 0
        self.header: dict[str, Any] = {}
        self.trace = Trace(2)
        self.trace.ask = lambda blocks: source.want(blocks)
        self.spectra = Spectra()
        self._asked_s = 0.0
        self.curves: list[CapacityCurve] = []
        self.transients: list[Transient] = []
        self.log = Log()
        self.marks: list[tuple[float, str]] = []
        self.status: Status | None = None
        self.link = Link(text="connecting")
        self.heard_at = time.time()
        self.segment: dict[str, Any] = {}
        self.segment_start_s = 0.0
        self.connected = False
        self.end: dict[str, Any] | None = None
        self._awaited = awaited
        self._failed_checks: list[str] = []
        self._last_alarm = ""
        self._pause_reason = ""
        self.samples = 0
        self.overloads = 0
        self._steps = StepFold()
        self._charge_C = 0.0
        self._step_start_C: dict[int, float] = {}
        self._result_wanted = False

    @property
    def known(self) -> bool:
        """Get whether the run's beginning has been read."""
        return bool(self.header)

    @property
    def simulated(self) -> bool:
        """Get whether the run's bench is a simulated one; unknown counts as no."""
        if self.header:
            return bool(self.header["simulated"])
        return self.status is not None and self.status.simulated

    @property
    def state(self) -> str:
        """Get the state in a word: that of the engine, "completed", "not completed" or "engine gone"."""
        if self.end is not None:
            return "completed" if self.end["completed"] else "not completed"
        if self.engine_gone:
            return "engine gone"
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
    def can_resume(self) -> bool:
        """Get whether the run can be resumed: it has paused, or its engine has gone."""
        return self.engine_gone or self.state == State.PAUSED.value

    @property
    def searching(self) -> str:
        """Get since when (hh:mm, here) the engine looks for its lost instruments, "" where it does not."""
        since = self.status.searching_since if self.status is not None and self.alive else ""
        return f"{datetime.fromisoformat(since).astimezone():%H:%M}" if since else ""

    @property
    def cell_word(self) -> str:
        """Get whether the cell is on, as far as this is known: nobody says so of an engine that died with it on."""
        connected = self.status.connected if self.status is not None else self.connected
        if self.end is not None:
            connected = "NOT VERIFIED SAFE" in str(self.end["reason"])
        if not connected:
            return "cell off"
        return "cell ON" if self.alive and self.end is None and not self.searching else "cell unknown"

    @property
    def title(self) -> str:
        """Get what is run on which cell."""
        if not self.header:
            return self.path.stem
        return f"{self.header['protocol']['name']} on {self.header['cell']['name']}"

    @property
    def begun(self) -> datetime | None:
        """Get the time of day, here, at which it began, None before this is known."""
        return datetime.fromisoformat(self.header["started"]).astimezone() if self.header else None

    @property
    def area_m2(self) -> float:
        """Get the cell's area in m2."""
        return float(self.header["cell"]["quantities"]["area_m2"][0])

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
        return self.segment["step"]["index"] if self.segment else None

    @property
    def pairs(self) -> list[Pair]:
        """Get the pairs of constant-current steps, a cycle each."""
        return pairs_of(self.steps)

    @cached_property
    def step_list(self) -> StepList:
        """Get the planned steps with their estimates."""
        return StepList(self._protocol, self._build)

    @property
    def limits(self) -> list[Limit]:
        """Get the voltages at which something happens now."""
        if not self.header:
            return []
        safety = self._safety
        found = [
            Limit(safety.voltage_min_V, "safety limit", True),
            Limit(safety.voltage_max_V, "safety limit", True),
        ]
        for end in self.segment.get("parameters", {}).get("ends", ()):
            if end["quantity"] in ("voltage_below", "voltage_above"):
                word = "cut short" if end["outcome"] == "cut_short" else "step ends"
                found.append(Limit(end["value"], f"{word} at {end['text']}", False))
        return found

    @property
    def nearest_end(self) -> str:
        """Get how far the next end condition is, in words; behind an early end, and in a pause, the reason."""
        if self.end is not None:
            return "" if self.end["completed"] else str(self.end["reason"])
        if self._pause_reason:
            return self._pause_reason
        ends = self.segment.get("parameters", {}).get("ends", ()) if self.alive else ()
        status = self.status
        if not ends or status is None or status.voltage_V is None:
            return ""
        texts = [distance(end, status) for end in ends if end["outcome"] != "cut_short"]
        return ", ".join(text for text in texts if text)

    def update(self) -> bool:
        """Take what is new from the source; say whether something changed."""
        batch = self.source.take()
        before = (self.link.text, self.link.lost, self.link.over)
        for event in batch.events:
            self._take_event(event)
        for points in batch.points:
            self.spectra.add(points)
        for samples in batch.samples:
            self._take_samples(samples)
        if batch.status is not None:
            self._take_status(batch.status)
        if batch.detail is not None:
            self.trace.put(batch.detail)
        self._take_link(batch.link)
        self._tell_fault()
        after = (self.link.text, self.link.lost, self.link.over)
        news = batch.status is not None or batch.detail is not None
        changed = not batch.empty or news or before != after
        self.version += changed
        return changed

    def close(self) -> None:
        """Let go of the source; an engine goes on."""
        self.source.close()

    def results_wanted(self) -> bool:
        """Say once, after each whole spectrum, that the spectra are worth fitting again."""
        wanted, self._result_wanted = self._result_wanted, False
        return wanted

    def _take_link(self, link: Link) -> None:
        if link.over and not self.link.over and self.end is None:
            self._alarms.raise_alarm(
                f"The engine of {self.path.name} has ended without a word. Its guardian switches the cell off; look "
                f"at the 1287, and go on with: solbench resume {self.path.name}",
                gone_key(self.path),
            )
        if not link.lost:
            self.heard_at = time.time() - link.silent_s
        self.link = link

    def _tell_fault(self) -> None:
        """Say as an alarm why a run could not begin, or could not go on."""
        if self.end is None or self.end["outcome"] != "fault" or not (self._awaited and self.link.over):
            return
        self._awaited = False
        if self._failed_checks:
            text = f"The start check failed, nothing was switched on: {'; '.join(self._failed_checks)}"
        else:
            text = f"The run has ended: {self.end['reason']}"
        self._alarms.raise_alarm(f"{self.path.name}: {text}")

    def _take_status(self, status: Status) -> None:
        self.status = status
        for text in status.alarms:
            self._alarms.raise_alarm(text, f"{status.run}:{text}")

    def _take_event(self, event: Event) -> None:
        self.log.event(event)
        self._steps.add(event)
        handler = _HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event)

    def _asked_event(self, event: Event) -> None:
        self._asked_s = event.time_s

    def _header_event(self, event: Event) -> None:
        self.header = event.data

    def _segment_event(self, event: Event) -> None:
        data = event.data
        if (
            data["step"]["index"] not in self._step_start_C
        ):  # the cell is off here: the last edge has the charge
            self._step_start_C[data["step"]["index"]] = self._charge_C
            self.marks.append((event.time_s, data["step"]["name"]))
        self.segment, self.segment_start_s = data, event.time_s
        if data["segment"] == "Sweep":
            name = asked_for(self.header["started"], self._asked_s) if data["ordinal"] < 0 else ""
            self.spectra.begin(data, name)
        current = data["parameters"].get("current_A")
        if data["segment"] == "ConstantCurrent" and current and not self._curve(data["step"]["index"]):
            index = data["step"]["index"]
            start_C = self._step_start_C[index]
            self.curves.append(CapacityCurve(index, current, start_C, self.area_m2))
            thin_older(self.curves, CURVES_SHOWN)

    def _segment_end_event(self, event: Event) -> None:
        data = event.data
        if data["segment"] == "Polarization":
            end_transient(self.transients, event.time_s)
        if data["segment"] == "Sweep":
            track = self.spectra.find(data["ordinal"], data["attempt"])
            if track is not None:
                track.whole = data["outcome"] == "done"
                self._result_wanted = self._result_wanted or track.whole
                self.spectra.version += 1

    def _spectrum_event(self, event: Event) -> None:
        data = event.data
        track = self.spectra.find(data["segment"])
        if track is not None:
            track.dc_voltage_V = data["dc_voltage_V"]
            track.capacity_mAh_cm2 = areal_capacity_mAh_cm2(data["step_charge_C"], self.area_m2)

    def _phase_event(self, event: Event) -> None:
        self.transients = begin_transient(self.transients, event.data["voltage_V"], event.time_s)

    def _quality_event(self, event: Event) -> None:
        data = event.data
        track = self.spectra.find(data["segment"])
        if track is not None:
            track.kk_residual, track.verdict = data["kk_residual"], data["verdict"]
            track.reason = data["reason"]
            self.spectra.version += 1

    def _edge_event(self, event: Event) -> None:
        self.connected = event.data["connected"]
        self._charge_C = event.data["charge_C"]

    def _session_event(self, _event: Event) -> None:
        self.end = None
        self._pause_reason = ""
        self._failed_checks = []

    def _start_check_event(self, event: Event) -> None:
        lines = (f"{line['name']}: {line['text']}" for line in event.data["findings"] if not line["passed"])
        self._failed_checks = list(lines)

    def _alarm_event(self, event: Event) -> None:
        text = self._last_alarm = event.data["text"]
        if not self.link.over:
            self._alarms.raise_alarm(text, f"{self.header.get('run')}:{text}")

    def _paused_event(self, event: Event) -> None:
        self._pause_reason = reason = str(event.data["reason"])
        if not (self.link.over or reason.startswith("paused by") or reason[:20] in self._last_alarm):
            self._alarms.raise_alarm(f"The run has paused, the cell is off: {reason}.")

    def _resumed_event(self, _event: Event) -> None:
        self._pause_reason = ""

    def _reconnected_event(self, _event: Event) -> None:
        self._alarms.append_to(self._last_alarm, "The instruments answer again, and the run goes on.")

    def _end_event(self, event: Event) -> None:
        self.end = event.data
        self.segment = {}

    def _curve(self, step: int) -> CapacityCurve | None:
        for curve in reversed(self.curves):
            if curve.step == step:
                return curve
        return None

    def _take_samples(self, samples: Array) -> None:
        self.samples += len(samples)
        for transient in self.transients:
            transient.add(samples)
        self.overloads += int(np.count_nonzero(samples["flags"] & 2))
        starts = np.flatnonzero(np.diff(samples["step"], prepend=samples["step"][0] - 1))
        for start, end in zip(starts, [*starts[1:], len(samples)], strict=True):
            part = samples[start:end]
            curve = self._curve(int(part["step"][0]))
            if curve is not None:
                curve.add(part)
        self.trace.append(samples["time_s"], samples["voltage_V"], samples["current_A"])

    @cached_property
    def _protocol(self) -> Any:
        return parse_protocol(self.header["protocol"]["text"], "protocol of the run")

    @cached_property
    def _build(self) -> Any:
        record = parse_cell(self.header["cell"]["text"], "cell of the run")
        return record.build(self._protocol.build)

    @cached_property
    def _safety(self) -> SafetyLimits:
        return limits_for(self._protocol.safety, self._build)

    def say(self, text: str) -> None:
        """Write a line of the window's own into the log on show."""
        self.log.add(LogLine(self.time_s, "info", "window", text))
        self.version += 1


_HANDLERS = {
    "header": RunModel._header_event,
    "asked": RunModel._asked_event,
    "segment": RunModel._segment_event,
    "segment_end": RunModel._segment_end_event,
    "spectrum": RunModel._spectrum_event,
    "phase": RunModel._phase_event,
    "quality": RunModel._quality_event,
    "edge": RunModel._edge_event,
    "session": RunModel._session_event,
    "start_check": RunModel._start_check_event,
    "alarm": RunModel._alarm_event,
    "paused": RunModel._paused_event,
    "resumed": RunModel._resumed_event,
    "reconnected": RunModel._reconnected_event,
    "end": RunModel._end_event,
}
