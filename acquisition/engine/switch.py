"""Switching the cell, each time between two records: the intent before, the edge with its times after.

A program that dies between the two leaves the intent in the journal, so that the charge of the gap is counted
from the right moment.
"""

from typing import assert_never

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.actions import Off, On, SetCurrent, SetVoltage, Switching
from solbench.acquisition.engine.station import Station
from solbench.acquisition.record.events import Edge, Gap, SwitchIntent
from solbench.acquisition.record.recorder import Recorder

MOST_OF_RANGE = 2.0  # an EC301 goes to so many full scales before it clips, the others cut out or clip before


class Switch:
    """Switches the cell on and off and changes what it is driven with; owned by the engine alone.

    `switch_off_latency_s`: how long the last message took that set a current (s): one that ends it takes as long.
    """

    def __init__(self, station: Station, recorder: Recorder, run_control: RunControl) -> None:
        self._station = station
        self._recorder = recorder
        self._run_control = run_control
        self.switch_off_latency_s = 0.0
        self._moved_s: float | None = None  # when a voltage was set, None where a current was

    def carry_out(self, action: Switching) -> float:
        """Switch, and write it down; return how long the instrument took, in s."""
        if isinstance(action, Off):
            return self.off()
        station = self._station
        if isinstance(action, SetVoltage):
            action = SetVoltage(station.settable(action.voltage_V))  # what will stand
        commanded_s = station.now_s()
        intent = self._intent(action)
        self._recorder.emit(commanded_s, intent)
        self._send(action)
        acknowledged_s = station.now_s()
        self._record(intent, commanded_s, acknowledged_s, at_s=acknowledged_s)
        station.confirmation.forget(driven=True)
        took_s = acknowledged_s - commanded_s
        self._moved_s = commanded_s if isinstance(action, SetVoltage) else None
        if isinstance(action, SetCurrent):  # the same message, with zero, ends it
            self.switch_off_latency_s = took_s
        return took_s

    def off(self) -> float:
        """Switch the cell off if it is on, uninterrupted; return how long that took, in s."""
        if not self._recorder.progress.connected:
            return 0.0
        station = self._station
        with self._run_control.shield():  # off first, journal second
            commanded_s = station.now_s()
            ended_s = station.bench.off() - station.offset_s
            acknowledged_s = station.now_s()
            station.confirmation.forget(driven=False)
            close_pending(self._recorder)
            ledger = self._recorder.progress.ledger
            since_s, since_C, unread_A = ledger.time_s, ledger.charge_C, ledger.unread_A
            moved_s = self._moved_s if ledger.is_unread else None
            intent = SwitchIntent(action="off", connected=False, expected_A=0.0)
            self._record(intent, commanded_s, acknowledged_s, ended_s)
            if moved_s is not None:  # how much flows behind a step of the voltage only a reading says
                most_A = MOST_OF_RANGE * station.bench.full_scale_A
                lasted_s = (
                    acknowledged_s - moved_s + station.bench.conversion_s
                )  # a reading is finished first
                self._tell_unread(since_s, since_C, most_A * lasted_s)
            elif unread_A:
                self._tell_unread(since_s, since_C, 0.0)
        return acknowledged_s - commanded_s

    def _tell_unread(self, since_s: float, since_C: float, more_C: float) -> None:
        """Write down that no reading has shown what flowed since `since_s` (s), where something was set.

        A current may never have come. Beside what is counted, `more_C` (C) may have flowed either way.
        """
        ledger = self._recorder.progress.ledger
        charge_C = ledger.charge_C - since_C
        gap = Gap(
            cause="unread",
            step=self._recorder.progress.step_index,
            since_s=since_s,
            unwatched_s=ledger.time_s - since_s,
            charge_C=charge_C,
            uncertainty_C=abs(charge_C) + more_C,
        )
        self._recorder.emit(self._station.now_s(), gap)

    def _intent(self, action: On | SetCurrent | SetVoltage) -> SwitchIntent:
        match action:
            case On(expected_A):
                return SwitchIntent(action="on", connected=True, expected_A=expected_A)
            case SetCurrent(current_A):
                return SwitchIntent(action="current", connected=True, expected_A=current_A)
            case SetVoltage(voltage_V):  # what flows is known from the next reading
                present_A = self._recorder.progress.ledger.present_A
                return SwitchIntent(
                    action="voltage", connected=True, expected_A=present_A, voltage_V=voltage_V
                )
            case _:
                assert_never(action)

    def _send(self, action: On | SetCurrent | SetVoltage) -> None:
        bench = self._station.bench
        match action:
            case On():
                bench.on()
            case SetCurrent(current_A):
                bench.set_current(current_A)
            case SetVoltage(voltage_V):
                bench.set_voltage(voltage_V)
            case _:
                assert_never(action)

    def _record(self, intent: SwitchIntent, commanded_s: float, acknowledged_s: float, at_s: float) -> None:
        """Write an edge down at `at_s` (s): an instrument acts once it has the whole message that does it."""
        edge = Edge(
            action=intent.action,
            connected=intent.connected,
            expected_A=intent.expected_A,
            voltage_V=intent.voltage_V,
            charge_C=self._recorder.progress.ledger.charge_at(at_s),
            commanded_s=commanded_s,
            acknowledged_s=acknowledged_s,
        )
        self._recorder.emit(at_s, edge)


def close_gap(recorder: Recorder, off_s: float) -> float:
    """Record that a cell left on by a program that died was switched off at `off_s` (s); return the gap's charge (C).

    What was driven continues until then: the current of the last reading, or the commanded one.
    """
    progress = recorder.progress
    before = progress.ledger.charge_C
    close_pending(recorder)
    if progress.ledger.connected:
        _record_gap(recorder, off_s, SwitchIntent(action="off", connected=False, expected_A=0.0))
    return progress.ledger.charge_C - before


def close_pending(recorder: Recorder) -> None:
    """Count a switching that was begun and never acknowledged as done when it was begun."""
    pending = recorder.progress.pending_switch
    if pending is not None and pending.intent.connected:
        _record_gap(recorder, pending.time_s, pending.intent)


def _record_gap(recorder: Recorder, at_s: float, switch: SwitchIntent) -> None:
    edge = Edge(
        action=switch.action,
        connected=switch.connected,
        expected_A=switch.expected_A,
        charge_C=recorder.progress.ledger.charge_at(at_s),
        gap=True,
    )
    recorder.emit(at_s, edge)
