"""The engine: carries out a plan segment by segment, watches every reading, and owns the cell's switch.

Plain blocking code in one thread. It writes the journal and nothing else. Whatever ends a segment, the cell is
off before anything is written about it; after any exit the bench is made safe.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import assert_never

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.actions import (
    AskPerson,
    Emit,
    Finish,
    MoreCharge,
    Polarized,
    Reaching,
    RestSlope,
    SetCurrent,
    StartRamp,
    Step,
    Stepped,
    Switching,
    Turned,
)
from solbench.acquisition.engine.ammeter_scale import AmmeterScale
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.beside.gauges import GaugeWatch
from solbench.acquisition.engine.beside.wall_clock import WallClockWatch
from solbench.acquisition.engine.comparison import Comparison, attention
from solbench.acquisition.engine.confirm import Confirmation, Jump
from solbench.acquisition.engine.continuity import Continuity
from solbench.acquisition.engine.doubtful import (
    Doubt,
    JumpedCurrent,
    Moment,
    StuckReadings,
    gross_jump,
    overloaded,
)
from solbench.acquisition.engine.foreign import ForeignAnswers
from solbench.acquisition.engine.limits import Ending, EndWatch, RunEnding, SafetyWatch, Violation
from solbench.acquisition.engine.manual.changes import StepChanges, is_moved
from solbench.acquisition.engine.manual.requests import ManualRequests, held_segment
from solbench.acquisition.engine.on_demand import SpectrumRequests, asked_segments, can_be_suspended
from solbench.acquisition.engine.sampling import StoreFilter
from solbench.acquisition.engine.set_points import ShortCheck
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.switch import Switch
from solbench.acquisition.engine.techniques.table import technique_of
from solbench.acquisition.engine.timing import GapStatistics
from solbench.acquisition.record.events import (
    AskedAgain,
    Compared,
    Decides,
    Edge,
    Gap,
    HoldAsked,
    Note,
    Point,
    ProtocolChanged,
    Rejected,
    RunOutcome,
    Sample,
    SegmentEnd,
    SegmentStart,
    SpectrumAsked,
    SpectrumQuality,
)
from solbench.acquisition.record.loops import awaited_short, is_awaited, loops_ended
from solbench.acquisition.record.recorder import Recorder
from solbench.drivers.errors import DriverError
from solbench.drivers.roles import ImpedancePoint, Reading
from solbench.protocols.errors import BadInput
from solbench.protocols.kinds import kind_of_segment
from solbench.protocols.segments import (
    AnySegmentKind,
    Condition,
    ConstantCurrent,
    ConstantVoltage,
    Rest,
    Scan,
    Segment,
    StepRef,
    Sweep,
    ends_of,
    record_of,
)

SILENCE_S, SILENT_READINGS = 0.33, 1.5  # so long a limit waits for the reading that would confirm it
RESTORES = -1_000_000  # the ordinal of a condition that is set once more: it is no part of the plan
LOOK_AHEAD = 4  # segments: as far as a rest looks for the range of the coming current


def nobody(_asked: AskPerson) -> bool:
    """Say that nobody has confirmed: there is no one to ask."""
    return False


class Engine:
    """Runs segments on a station. `run` returns how the run ended; errors of the instruments come out as they are."""

    def __init__(
        self,
        station: Station,
        recorder: Recorder,
        limits: SafetyWatch,
        run_control: RunControl,
        requests: SpectrumRequests | None = None,
        comparison: Comparison | None = None,
        gauges: GaugeWatch | None = None,
        manual: ManualRequests | None = None,
        ask_person: Callable[[AskPerson], bool] = nobody,
        changes: StepChanges | None = None,
        wall_clock: WallClockWatch | None = None,
    ) -> None:
        self._confirmation = Confirmation(
            report=self._unconfirmed,
            jumped=self._jumped,
            continuity=Continuity(lambda: recorder.progress.open_V),
            hurry=self._hurried,
        )
        self._comparison = comparison
        self._ask_person = ask_person
        self._stuck, self._jumped_current = StuckReadings(), JumpedCurrent()
        self._foreign = ForeignAnswers()
        self._scale = AmmeterScale(comparison.capacity_C if comparison is not None else None)
        self._sets_current, self._is_held, self._switched = False, False, Moment()
        self._sweeps = False
        self._short: Compared | None = None
        self._short_check: ShortCheck | None = None
        self._points: list[ImpedancePoint] = []
        self.station = station = replace(station, confirmation=self._confirmation)
        self.recorder = recorder
        self._links = [instrument.link for instrument in station.equipment.dc.instruments]
        self.limits = limits
        self.requests = requests
        self.manual = manual
        self.changes = changes
        self._planned_with = 0  # so many changes
        self._working_A = 0.0
        self._rest_slope_V_s: float | None = None
        self._last: tuple[Reading, float] | None = None  # with its charge (C), where it is not stored
        self._present: Segment | None = None  # with the ends that it has by now
        self._run_control = run_control
        self.switch = Switch(station, recorder, run_control)
        self._gauges = gauges or GaugeWatch(station.gauges, recorder, station.offset_s)
        self._wall_clock = wall_clock or WallClockWatch(recorder, station.now_s)

    def run(self, plan: Iterator[Segment]) -> RunEnding:
        """Carry out what of `plan` is not done yet; return the ending of the run.

        Nothing is left of a run that an earlier session saw end by a limit, or cut short.
        """
        if (ended := self.recorder.progress.ended_by) is not None:
            outcome: RunOutcome = "limit" if ended.outcome == "limit" else "cut_short"
            return RunEnding(outcome, ended.text, ended.quantity, ended.limit, ended.value)
        self._confirmation.forget(driven=False)
        while True:
            if self.changes is not None:
                self._planned_with = self.changes.count
            for ordinal, segment in self._remaining(plan):
                self._change_what_comes()
                if self._is_changed:
                    break
                ending = self._run_to_its_end(ordinal, segment)
                if ending.outcome == "cut_short" or ending.outcome == "limit":
                    return RunEnding(ending.outcome, ending.text, ending.quantity, ending.limit, ending.value)
                if self._is_changed:
                    break
            if self.changes is None or not self._is_changed:
                return RunEnding("completed", "all steps ended by their own conditions")
            plan = self.changes.plan()

    @property
    def _is_changed(self) -> bool:
        """Get whether the plan that is carried out holds no longer."""
        return self.changes is not None and self.changes.count != self._planned_with

    def _run_to_its_end(self, ordinal: int, segment: Segment) -> Ending:
        """Carry out a segment, with the spectra that are requested on the way, as often as it is to be repeated."""
        if isinstance(segment, Sweep):
            segment = replace(segment, spectrum=segment.spectrum + self.recorder.progress.spectra_asked)
        if self.requests is not None:
            self.requests.path = segment.step.path
        kind = kind_of_segment(segment)
        if (restored := self._restore_condition(segment)) is not None:
            return restored
        if kind.resumed == "refused" and self.recorder.progress.driven_ordinal == ordinal:
            return self._refuse(ordinal, segment, kind)
        while True:
            requested = self._carry_out_requested(segment.step)
            if requested is not None and (requested.outcome == "limit" or self._is_changed):
                return requested
            ending = self._run_segment(ordinal, segment)
            if ending.outcome not in ("repeat", "aside") or self._is_changed:
                return ending

    def _restore_condition(self, segment: Segment) -> Ending | None:
        """Bring the chamber back to where it is to be, where a program or an alarm came between; None where it is."""
        chamber, asked = self.station.chamber, self.recorder.progress.condition
        if chamber is None or asked is None or isinstance(segment, Condition) or chamber.is_ordered(asked):
            return None
        ending = self._run_segment(RESTORES, replace(asked, step=segment.step))
        return ending if ending.outcome == "limit" else None

    def _refuse(self, ordinal: int, segment: Segment, kind: AnySegmentKind) -> Ending:
        """End the run at a segment that was interrupted, once it drove the cell, and cannot be carried out again."""
        self._announce(ordinal, segment)
        text = f"the {kind.words} was interrupted, and is not carried out again: {kind.refuses_resume}"
        ending = Ending("cut_short", text)
        self._conclude(ordinal, segment, ending, GapStatistics(1.0, 1.0))
        return ending

    def _carry_out_requested(self, step: StepRef) -> Ending | None:
        """Measure the requested spectrum, if there is one, as a part of `step`, or hold what was set by hand."""
        progress = self.recorder.progress
        ending = None
        if progress.asked is None:
            return ending
        if isinstance(progress.asked, HoldAsked):
            return self._hold(progress.asked)
        if progress.asked.rest is not None:
            self._rest_slope_V_s = None  # that of an earlier rest
        for ordinal, segment in asked_segments(progress.asked, progress.asked_count, step):
            ending = self._run_segment(ordinal, segment)
            if ending.outcome == "limit":
                return ending
        return ending

    def _hold(self, asked: HoldAsked) -> Ending:
        """Hold what was set by hand, as a step of its own."""
        ordinal, segment = held_segment(asked, self.recorder.progress.asked_count)
        ending = self._run_segment(ordinal, segment)
        if self.manual is not None:
            self.manual.was_off()
            if asked.then_finish:
                self.manual.finish(asked.by)
        return ending

    def _remaining(self, plan: Iterator[Segment]) -> Iterator[tuple[int, Segment]]:
        """Yield the segments that are to be done with their place in the plan, and look ahead for the range."""
        progress = self.recorder.progress
        ahead: deque[tuple[int, Segment]] = deque()
        source = enumerate(plan)
        while True:
            while len(ahead) < LOOK_AHEAD and (item := next(source, None)) is not None:
                ahead.append(item)
            if not ahead:
                return
            ordinal, segment = ahead.popleft()
            if ordinal < progress.finished or segment.step.index == progress.closed_step:
                continue
            now_s = self.station.now_s()
            for ended in loops_ended(progress, segment.step.passes, now_s):
                self.recorder.emit(now_s, ended)
            if any(each.instance in progress.loops_over for each in segment.step.passes):
                continue
            currents = (kind_of_segment(item).current_A(item) for _, item in ahead)
            coming = (abs(current_A) for current_A in currents if current_A is not None)
            self._working_A = next(coming, self._working_A)
            yield ordinal, segment

    def _run_segment(self, ordinal: int, segment: Segment) -> Ending:
        self._announce(ordinal, segment)
        gaps = GapStatistics(record_of(segment).every_s, self.station.watch.max_unwatched_s)
        try:
            ending = self._carry_out(ordinal, segment, gaps)
        except BaseException as error:
            self.try_switch_off()
            if not self.recorder.progress.connected:
                self._look_for_strays()
            self._end_doubt()
            if isinstance(error, AttentionNeeded) and error.compared is not None:
                self._write(error.compared, ordinal)
            self._conclude(ordinal, segment, Ending("interrupted", str(error) or type(error).__name__), gaps)
            raise
        self._look_for_strays()
        self._end_doubt()
        self._compare_charge(segment, ending)
        self._conclude(ordinal, segment, ending, gaps)
        return ending

    def _carry_out(self, ordinal: int, segment: Segment, gaps: GapStatistics) -> Ending:
        held_V = segment.voltage_V if isinstance(segment, ConstantVoltage) else None
        watch = EndWatch(ends_of(segment), held_V)
        self._confirmation.judge = partial(self._judge, watch)
        self._last = None
        self._present = segment
        self._points = []
        self._short = self._short_check = None
        self._sets_current = kind_of_segment(segment).current_A(segment) is not None
        self._is_held = isinstance(segment, ConstantVoltage)
        self._sweeps = isinstance(segment, Scan)
        if self._comparison is not None:
            self._comparison.rests(None)
        keep = StoreFilter(record_of(segment), everything=isinstance(segment, Sweep))
        answer: float | None = None
        station = replace(self._station_now(), ends=watch)
        station.require_settable(segment)
        with closing(technique_of(segment)(station, segment)) as actions, suppress(StopIteration):
            while True:
                action = actions.send(answer)
                answer = None
                if isinstance(action, Reading):
                    ending = self._take_reading(action, ordinal, segment, watch, keep)
                    gaps.add(action.time_s)
                    self._note_incidents()
                    if ending is not None:
                        return ending
                    self._look_around(action.time_s)
                elif isinstance(action, Finish):
                    self.switch.off()
                    self._store_last(ordinal, segment)
                    self._compare_rest(segment, action.ending)
                    return self._with_true_charge(action.ending)
                elif isinstance(action, Switching):
                    answer = self.switch.carry_out(action)
                    self._switched = Moment() if self._sets_current else self._now()
                    if not self.recorder.progress.connected:
                        self._look_for_strays()
                        self._end_doubt()
                    set_A = action.current_A if isinstance(action, SetCurrent) else 0.0
                    full_scale_A = self.station.bench.full_scale_A
                    self._tell(self._jumped_current.set_current(set_A, full_scale_A, self._now()))
                    if isinstance(action, SetCurrent):
                        self._foreign.set_anew()
                        self._scale.set_current(action.current_A, self._now())
                elif isinstance(action, Stepped | Polarized):
                    self._compare_driven(action)
                elif isinstance(action, Step):
                    self.station.bench.set_voltage(action.voltage_V)
                    if action.turns:
                        self._confirmation.forget(driven=True)
                elif isinstance(action, StartRamp):
                    self.station.ramp.start_ramp()
                elif isinstance(action, AskPerson):
                    answer = float(self._ask_person(action))
                    self._confirmation.forget(driven=False)
                elif isinstance(action, Turned):
                    self._confirmation.forget(driven=True)
                elif isinstance(action, MoreCharge):
                    self._add_charge(action.charge_C)
                elif isinstance(action, Reaching):
                    watch.reaching, watch.note, watch.connected = action.what, action.note, action.connected
                else:
                    self._take(action, ordinal, segment)
                    if isinstance(action, ImpedancePoint):
                        self._look_around(self.station.now_s(), between_readings=False)
                        self._change_what_comes()
        raise RuntimeError(f"the technique of {type(segment).__name__} ended without saying how")

    def _look_around(self, now_s: float, *, between_readings: bool = True) -> None:
        """Look at what is beside the cell; raises AttentionNeeded where something is wrong with the chamber."""
        station = self.station
        self._gauges.look(now_s, between_readings=between_readings)
        if station.pressure is not None:
            station.pressure.tell()
        if station.chamber is not None:
            station.chamber.check(now_s)

    def _station_now(self) -> Station:
        """Return the station with what the next segment may know of those around it."""
        return replace(
            self.station,
            working_A=self._working_A,
            rest_slope_V_s=self._rest_slope_V_s,
            switch_off_latency_s=self.switch.switch_off_latency_s,
        )

    def _with_true_charge(self, ending: Ending) -> Ending:
        """Return an ending by charge with the charge that the edge left behind, not the one it aimed at."""
        if ending.quantity != "charge":
            return ending
        progress = self.recorder.progress
        return replace(ending, value=abs(progress.ledger.charge_C - progress.step_start_C))

    def _take_reading(
        self, reading: Reading, ordinal: int, segment: Segment, watch: EndWatch, keep: StoreFilter
    ) -> Ending | None:
        """Count a reading, act on what it violates or ends, store it if it is worth it."""
        progress = self.recorder.progress
        ledger = progress.ledger
        before_s, before_C, before_A = ledger.time_s, ledger.charge_C, ledger.present_A
        ledger.add_reading(reading.time_s, reading.current_A)
        if ledger.connected:
            self._foreign.add(reading.time_s, reading.current_A, ledger.charge_C)
        violation = self.limits.check(reading)
        ending = _beyond(violation) if violation is not None else None
        if ending is None and ledger.connected:
            charge, station = ledger.charge_C - progress.step_start_C, self.station
            ending = watch.check(reading, charge, station.step_active_s(station.now_s()))
        if ending is None and (self._short_check is not None or self._short is not None):
            ending = self._shorted(reading)
        compared = self._compare(reading) if ending is None else None
        if compared is not None:
            self._off_before_journal(reading, ordinal, segment)
            raise attention(compared)
        if ledger.connected:
            full_scale_A = self.station.bench.full_scale_A
            self._scale.look(reading, full_scale_A, ledger.charge_C, held=self._is_held)
            if ending is None:
                self._look_for_doubt(reading, full_scale_A)
        else:
            self._scale.open(reading, ledger.charge_C)
        requested: SpectrumAsked | HoldAsked | None = None
        changed: ProtocolChanged | None = None
        if ending is None and self.manual is not None:
            ending = self.manual.ending(segment, ordinal)
            if ending is not None and ending.outcome == "aside":
                requested = self.manual.record(segment)
        if ending is None:
            requested = self._requested(ordinal, segment)
        if isinstance(requested, SpectrumAsked):
            ending = Ending("aside", "suspended for an on-demand spectrum")
        if ending is None and self.changes is not None and self.changes.is_pending:
            changed, ending = self._change(self.changes, reading, ordinal, segment, watch)
            ending = _beyond(self.limits.check(reading)) or ending  # they may have moved
        if ending is not None:
            # Off first, journal second; but the edge's charge needs the ledger, which has the reading already.
            was_driven = ledger.connected
            self._off_before_journal(reading, ordinal, segment)
            if reading.overload and was_driven:
                self._tell(overloaded(Moment(before_s, before_C), before_A, reading, ledger.time_s))
        elif keep.wants(reading):
            self._last = None
            self._store_sample(reading, ordinal, segment, ledger.charge_C)
        else:
            self._last = reading, ledger.charge_C
        if changed is not None:
            self.recorder.emit(self.station.now_s(), changed)
        if requested is not None:
            self.recorder.emit(self.station.now_s(), requested)
            if isinstance(requested, HoldAsked) and self.manual is not None:
                self.manual.taken_up()
            elif self.requests is not None:
                self.requests.forget()
        return ending

    def _change(
        self, changes: StepChanges, reading: Reading, ordinal: int, segment: Segment, watch: EndWatch
    ) -> tuple[ProtocolChanged, Ending | None]:
        """Take a change up at a reading; return what the journal says of it, and how it ends the segment, if it does.

        Ends are moved with the cell as it is; whatever else the segment has is another one when it is begun again.
        """
        planned, present = changes.planned(ordinal), self._present
        if planned is None or present is None or ordinal < 0:
            return changes.taken_up(None), None
        if is_moved(present, planned):
            self._present = planned
            changed, ending = changes.taken_up(ordinal), None
            watch.move(ends_of(planned))
            progress, station = self.recorder.progress, self.station
            if progress.ledger.connected:
                charge_C = progress.ledger.charge_C - progress.step_start_C
                ending = watch.check(reading, charge_C, station.step_active_s(station.now_s()))
            return changed, ending
        if planned == present or not can_be_suspended(segment):
            return changes.taken_up(None), None
        return changes.taken_up(ordinal), Ending("aside", "suspended: the step was changed")

    def _change_what_comes(self) -> None:
        """Take a change up where no reading of a segment can: it counts from the next one on."""
        if self.changes is not None and self.changes.is_pending:
            self.recorder.emit(self.station.now_s(), self.changes.taken_up(None))

    def _shorted(self, reading: Reading) -> Ending | None:
        """Return the ending by a short circuit for which a loop waits."""
        text = "a short circuit, for which the loop waits"
        check = self._short_check
        if check is not None and check.is_shorted(reading):
            return Ending("step", text, "short", check.least_ohm, check.ohm(reading))
        if (short := self._short) is not None:
            return Ending("step", text, "short", short.low, short.seen)
        return None

    def _compare(self, reading: Reading) -> Compared | None:
        """Compare the charge of the run, and remember a cell at rest."""
        comparison, ledger = self._comparison, self.recorder.progress.ledger
        if comparison is None:
            return None
        if ledger.connected:
            charge_C = ledger.charge_C
            return comparison.charge(charge_C) or comparison.stays_empty(charge_C, reading)
        comparison.rests(reading)
        return None

    def _compare_rest(self, segment: Segment, ending: Ending) -> None:
        """Compare the voltage at the end of a rest; raises AttentionNeeded."""
        if self._comparison is None or not isinstance(segment, Rest):
            return
        lasted_s = self.station.now_s() - self.recorder.progress.segment_start_s
        self._act_on(self._comparison.rested(steady=ending.quantity == "slope", lasted_s=lasted_s))

    def _compare_charge(self, segment: Segment, ending: Ending) -> None:
        """Compare the charge of a step with a current; most of it only where a voltage ended the step."""
        comparison, progress = self._comparison, self.recorder.progress
        if comparison is None or not isinstance(segment, ConstantCurrent):
            return
        by_voltage = ending.quantity in ("voltage_below", "voltage_above") and ending.outcome != "segment"
        ended_C, ended_V = progress.ledger.charge_C, ending.limit if by_voltage else None
        if ended_V is not None:
            self._act_on(comparison.first_charge(progress.step_start_C, ended_C, ended_V))
        self._act_on(comparison.efficiency(segment.current_A, ended_C, ended_V))

    def _compare_driven(self, action: Stepped | Polarized) -> None:
        """Compare the resistance that a current or a voltage shows; raises AttentionNeeded."""
        if isinstance(action, Stepped):
            self._watch_for_short(action)
            moved_V = action.driven.voltage_V - action.rests[1].voltage_V
            self._scale.stepped(moved_V, action.driven.current_A, self.recorder.progress.ledger.charge_C)
        if self._comparison is None:
            return
        if isinstance(action, Stepped):
            self._act_on(self._comparison.stepped(*action.rests, action.driven))
        else:
            self._act_on(
                self._comparison.polarized(action.voltage_V, action.current_A, is_over=action.is_over)
            )

    def _watch_for_short(self, stepped: Stepped) -> None:
        """Hold the readings of a current against a short circuit, where a loop around it waits for one."""
        awaited, driven = awaited_short(self.recorder.progress.passes), stepped.driven
        if awaited is not None and driven.current_A:
            open_V = stepped.rests[1].voltage_V
            self._short_check = ShortCheck(open_V, driven.current_A, awaited.value, driven.time_s)

    def _jumped(self, jump: Jump) -> None:
        """Take a change of a driven cell that nothing explains; raises AttentionNeeded where nobody may go on."""
        full_scale_A = self.station.bench.full_scale_A
        charge_C = self.recorder.progress.ledger.charge_C
        if not self._sweeps:
            self._jumped_current.begin(jump, full_scale_A, charge_C, self._switched)
        if jump.decides == "limit":  # which says more
            return
        if self._sweeps:  # what sets in does so at once
            return
        check = self._short_check
        if check is not None and check.explains(jump.found):  # it ends the loop that waits for it
            return
        if self._comparison is not None:
            self._act_on(self._comparison.jump(jump.before.voltage_V, jump.found, jump.explained_V))
        alarm = None if self._sets_current else gross_jump(jump, full_scale_A)
        if alarm is not None:
            raise AttentionNeeded(alarm)

    def _add_charge(self, more_C: float) -> None:
        """Count a charge that lay between two readings, and write it down as an edge."""
        ledger = self.recorder.progress.ledger
        charge_C = ledger.charge_C + more_C
        edge = Edge(action="voltage", connected=True, expected_A=ledger.present_A, charge_C=charge_C)
        self.recorder.emit(ledger.time_s, edge)

    def _act_on(self, compared: Compared | None) -> None:
        """Write a comparison down that only asks for a remark; raises AttentionNeeded for another.

        A short circuit for which a loop waits ends that loop, and pauses nothing.
        """
        if compared is None:
            return
        if is_awaited(compared, self.recorder.progress.passes):
            self._short = compared
            compared = replace(compared, grade="doubt")
        if compared.grade == "stop":
            raise attention(compared)
        ordinal = self.recorder.progress.ordinal
        self._write(compared, ordinal if ordinal is not None else 0)

    def _write(self, compared: Compared, ordinal: int) -> None:
        self.recorder.emit(self.station.now_s(), replace(compared, segment=ordinal))

    def _look_for_doubt(self, reading: Reading, full_scale_A: float) -> None:
        """Say since when the readings of a driven cell were in doubt; raises AttentionNeeded where they still are."""
        charge_C = self.recorder.progress.ledger.charge_C
        if (doubt := self._jumped_current.look(reading, charge_C)) is not None:
            self._tell(doubt)
        if (doubt := self._stuck.look(reading, full_scale_A, charge_C)) is not None:
            self._tell(doubt)
        if (alarm := self._stuck.alarm) is not None:
            raise AttentionNeeded(alarm)

    def _now(self) -> Moment:
        """Return the moment of the last switching, with the charge that had flowed."""
        ledger = self.recorder.progress.ledger
        return Moment(ledger.time_s, ledger.charge_C)

    def _end_doubt(self) -> None:
        """Say what is in doubt of a cell that was just switched off."""
        ledger = self.recorder.progress.ledger
        self._tell(self._jumped_current.end(ledger.time_s))
        self._tell(self._stuck.end(ledger.time_s))
        for doubt in self._scale.end(ledger.time_s, ledger.charge_C):
            self._tell(doubt)
        self._foreign.set_anew()

    def _tell(self, doubt: Doubt | None) -> None:
        """Write down that the charge of a time is in doubt."""
        if doubt is None:
            return
        progress = self.recorder.progress
        gap = Gap(
            cause=doubt.cause,
            step=progress.step_index,
            since_s=doubt.since_s,
            unwatched_s=doubt.until_s - doubt.since_s,
            charge_C=progress.ledger.charge_C - doubt.since_C,
            uncertainty_C=doubt.uncertainty_C,
        )
        self.recorder.emit(self.station.now_s(), gap)

    def _requested(self, ordinal: int, segment: Segment) -> SpectrumAsked | None:
        """Return the record of the requested spectrum, if this is a segment of the plan that can wait for it.

        One that makes no sense in this step is dropped with a note: a request must not end a run.
        """
        requests = self.requests
        if requests is None or not requests.is_pending() or ordinal < 0 or not can_be_suspended(segment):
            return None
        try:
            return requests.record(segment)
        except BadInput as error:
            requests.forget()
            text = f"the requested spectrum cannot be measured in this step: {error}"
            self.recorder.emit(self.station.now_s(), Note(text=text, code="spectrum_refused"))
            return None

    def _off_before_journal(self, reading: Reading, ordinal: int, segment: Segment) -> None:
        charge_C, was_driven = self.recorder.progress.ledger.charge_C, self.recorder.progress.connected
        self.switch.off()
        self._store_sample(reading, ordinal, segment, charge_C, deciding=True)
        if was_driven and not reading.overload:  # what ends a segment may be that its current has ended
            self._tell(self._jumped_current.look(reading, charge_C))

    @contextmanager
    def _hurried(self) -> Iterator[None]:
        """Take no answer for silence, so soon as a limit that stands may wait: for two readings."""
        within_s = max(SILENCE_S, SILENT_READINGS * self.station.bench.conversion_s)
        with ExitStack() as stack:
            for link in self._links:
                stack.enter_context(link.hurried(within_s))
            yield

    def _note_incidents(self) -> None:
        """Write down what was asked of the instruments again."""
        for link in self._links:
            for incident in link.incidents.take():
                body = AskedAgain(
                    instrument=incident.instrument,
                    code=incident.code,
                    command=incident.command,
                    raw=incident.raw,
                    attempt=incident.attempt,
                )
                self.recorder.emit(self.station.now_s(), body)
        if (astray := self._links[0].take_astray()) is not None:
            self._tell(self._foreign.found(astray, self.station.offset_s))

    def _look_for_strays(self) -> None:
        """Look, once a cell is off, whether its last answers were its own; a line that is lost is found soon enough."""
        if not self._foreign.has_seen:
            return
        with self._run_control.shield(), suppress(DriverError, OSError):
            self._links[0].look_for_strays()
        self._note_incidents()

    def _store_last(self, ordinal: int, segment: Segment) -> None:
        """Store the last reading of a segment that ended by itself, if it is not stored yet."""
        if self._last is not None:
            reading, charge_C = self._last
            self._last = None
            self._store_sample(reading, ordinal, segment, charge_C, deciding=True)

    def _judge(self, watch: EndWatch, reading: Reading) -> Decides:
        """Say what a reading decides by itself."""
        if self.limits.violation(reading) is not None:
            return "limit"
        ends = self.recorder.progress.ledger.connected and watch.decided_by(reading)
        return "end" if ends else ""

    def _unconfirmed(self, reading: Reading, decides: Decides) -> None:
        self._jumped_current.unconfirmed(reading)
        ordinal = self.recorder.progress.ordinal
        body = Rejected(
            segment=ordinal if ordinal is not None else 0,
            voltage_V=reading.voltage_V,
            current_A=reading.current_A,
            text=reading.text,
            decides=decides,
        )
        self.recorder.emit(self.station.now_s(), body)

    def _store_sample(
        self, reading: Reading, ordinal: int, segment: Segment, charge_C: float, deciding: bool = False
    ) -> None:
        sample = Sample(
            step=segment.step.index,
            segment=ordinal,
            voltage_V=reading.voltage_V,
            current_A=reading.current_A,
            charge_C=charge_C,
            range=self.station.bench.range_index,
            deciding=deciding,
            overload=reading.overload or "",
        )
        self.recorder.emit(reading.time_s, sample)
        self._wall_clock.look(reading.time_s)

    def _take(self, action: Emit | ImpedancePoint | RestSlope, ordinal: int, segment: Segment) -> None:
        if isinstance(action, Emit):
            self.recorder.emit(self.station.now_s(), replace(action.body, segment=ordinal))
            if isinstance(action.body, SpectrumQuality):
                self._scale.spectrum(self._points, self.recorder.progress.ledger.charge_C)
                if self._comparison is not None:
                    for look in (
                        self._comparison.spectrum,
                        self._comparison.electrodes,
                        self._comparison.leads,
                    ):
                        self._act_on(look(action.body.spectrum, self._points))
        elif isinstance(action, ImpedancePoint):
            _put(self._points, action)
            self._store_point(action, ordinal, segment)
        elif isinstance(action, RestSlope):
            self._rest_slope_V_s = action.slope_V_s
        else:
            assert_never(action)

    def _store_point(self, point: ImpedancePoint, ordinal: int, segment: Segment) -> None:
        timed = isinstance(segment, Sweep) and bool(segment.timings)
        body = Point(
            step=segment.step.index,
            segment=ordinal,
            attempt=self.recorder.progress.attempts.get(ordinal, 0),
            spectrum=segment.spectrum if isinstance(segment, Sweep) else 0,
            frequency_Hz=point.frequency_Hz,
            real_ohm=point.impedance_ohm.real,
            imaginary_ohm=point.impedance_ohm.imag,
            amplitude_V=point.amplitude_V,
            range=point.range_index,
            error=point.error,
            attempts=point.attempts,
            raw_real_ohm=point.raw_ohm.real if point.raw_ohm is not None else None,
            raw_imaginary_ohm=point.raw_ohm.imag if point.raw_ohm is not None else None,
            correction_stderr_ohm=point.correction_stderr_ohm,
            untrusted=not point.trusted,
            amplitude_A=point.amplitude_A,
            integration_s=point.integration_s if timed else 0.0,
            settling_s=point.settling_s if timed else 0.0,
            unsettled=not point.settled,
        )
        self.recorder.emit(point.time_s, body)
        self._wall_clock.look(point.time_s)

    def _announce(self, ordinal: int, segment: Segment) -> None:
        attempt = self.recorder.progress.attempts.get(ordinal, 0) + 1
        start = SegmentStart(ordinal=ordinal, attempt=attempt, segment=segment)
        self.recorder.emit(self.station.now_s(), start)

    def _conclude(self, ordinal: int, segment: Segment, ending: Ending, gaps: GapStatistics) -> None:
        progress = self.recorder.progress
        now_s = self.station.now_s()
        if kind_of_segment(segment).holds is not None:  # what nobody saw before the end is unseen, too
            gaps.add(now_s)
        end = SegmentEnd(
            ordinal=ordinal,
            attempt=progress.attempts.get(ordinal, 1),
            segment=type(segment).__name__,
            step=segment.step.index,
            outcome=ending.outcome,
            text=ending.text,
            quantity=ending.quantity,
            limit=ending.limit,
            value=ending.value,
            duration_s=now_s - progress.segment_start_s,
            step_charge_C=progress.ledger.charge_at(now_s) - progress.step_start_C,
            worst_gap_s=gaps.worst_s,
            missed_readings=gaps.missed,
        )
        self.recorder.emit(now_s, end)

    def try_switch_off(self) -> None:
        """Switch the cell off on the way out of a failure; what then still fails is for make-safe to deal with."""
        try:
            self.switch.off()
        except (DriverError, OSError):
            return


def _beyond(violation: Violation | None) -> Ending | None:
    """Return the ending by a safety limit, None where none was passed."""
    if violation is None:
        return None
    return Ending("limit", violation.text, "safety", violation.limit, violation.value)


def _put(points: list[ImpedancePoint], point: ImpedancePoint) -> None:
    """Add a point of a spectrum, or put it in the place of that with the same frequency."""
    for place, other in enumerate(points):
        if other.frequency_Hz == point.frequency_Hz:
            points[place] = point
            return
    points.append(point)
