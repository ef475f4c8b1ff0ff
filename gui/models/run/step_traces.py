"""What is drawn of the samples: the trace over time, where its steps begin, a curve for each half cycle, transients."""

from collections.abc import Callable

import numpy as np

from solbench.acquisition.record.events import (
    Edge,
    Event,
    Gap,
    Paused,
    Phase,
    Reconnected,
    Resumed,
    SegmentEnd,
    SegmentStart,
    SessionStart,
)
from solbench.gui.models.common.arrays import Array
from solbench.gui.models.common.trace import Trace
from solbench.gui.models.run.capacity import CURVES_SHOWN, CapacityCurve, thin_older
from solbench.gui.models.run.transient import Transient, begin_transient, end_transient
from solbench.protocols.segments import ConstantCurrent


class StepTraces:
    """Takes samples and the events that cut them into pieces; `ask` is the trace's, for blocks of older samples."""

    def __init__(self, ask: Callable[[Array], None]) -> None:
        self.trace = Trace(2, ask=ask)
        self.curves: list[CapacityCurve] = []
        self.transients: list[Transient] = []
        self.marks: list[tuple[float, str]] = []
        self.samples = 0
        self._charge_C = 0.0
        self._step_start_C: dict[int, float] = {}

    def take_event(self, event: Event, area_m2: float) -> None:
        """Take an event; the cell's area (m2) makes capacities areal."""
        match event.body:
            case SegmentStart() as start:
                self._begin(event.time_s, start, area_m2)
            case SegmentEnd(segment="Polarization"):
                end_transient(self.transients, event.time_s)
            case Phase(voltage_V=voltage_V):
                self.transients = begin_transient(self.transients, voltage_V, event.time_s)
            case Edge(charge_C=charge_C):
                self._charge_C = charge_C
            case Gap(since_s=since_s):
                self.trace.break_at(since_s)
            case SessionStart(session=1):
                pass
            case Paused() | Resumed() | Reconnected() | SessionStart():
                self.trace.break_at(event.time_s)
            case _:
                pass

    def take_samples(self, samples: Array) -> None:
        """Take samples (rows.SAMPLE) in the order of their times."""
        self.samples += len(samples)
        for transient in self.transients:
            transient.add(samples)
        starts = np.flatnonzero(np.diff(samples["step"], prepend=samples["step"][0] - 1))
        for start, end in zip(starts, [*starts[1:], len(samples)], strict=True):
            part = samples[start:end]
            curve = self._curve(int(part["step"][0]))
            if curve is not None:
                curve.add(part)
        self.trace.append(samples["time_s"], samples["voltage_V"], samples["current_A"])

    def _begin(self, time_s: float, start: SegmentStart, area_m2: float) -> None:
        step, segment = start.step, start.segment
        if step.index not in self._step_start_C:  # the cell is off here: the last edge has the charge
            self._step_start_C[step.index] = self._charge_C
            self.marks.append((time_s, step.name))
        if isinstance(segment, ConstantCurrent) and (known := self._curve(step.index)) is not None:
            known.current_A = segment.current_A  # which may have been changed
        elif isinstance(segment, ConstantCurrent) and segment.current_A:
            begin_C = self._step_start_C[step.index]
            self.curves.append(CapacityCurve(step.index, segment.current_A, begin_C, area_m2))
            thin_older(self.curves, CURVES_SHOWN)

    def _curve(self, step: int) -> CapacityCurve | None:
        return next((curve for curve in reversed(self.curves) if curve.step == step), None)
