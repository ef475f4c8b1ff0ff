"""Switching the cell, each time between two records: the intent before, the edge with its times after.

A program that dies between the two leaves the intent in the journal, so that the charge of the gap is counted
from the right moment.
"""

from __future__ import annotations

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.station import Station
from solbench.acquisition.record.events import Edge, SwitchAction, SwitchIntent
from solbench.acquisition.record.recorder import Recorder


class Switch:
    """Switches the cell on and off and changes what it is driven with; owned by the engine alone."""

    def __init__(self, station: Station, recorder: Recorder, run_control: RunControl) -> None:
        self._station = station
        self._recorder = recorder
        self._cancel = run_control

    @property
    def connected(self) -> bool:
        """Get whether the cell is connected as far as the journal knows."""
        progress = self._recorder.progress
        return progress.ledger.connected or progress.pending_switch is not None

    def on(self, expected_A: float) -> None:
        """Switch the cell on; `expected_A` (A) will flow."""
        self._edge("on", True, expected_A)

    def set_current(self, current_A: float) -> None:
        """Change the current (A)."""
        self._edge("current", True, current_A)

    def set_voltage(self, voltage_V: float) -> None:
        """Change the voltage (V); what flows is known from the next reading."""
        self._edge("voltage", True, self._recorder.progress.ledger.present_A, voltage_V)

    def off(self) -> None:
        """Switch the cell off if it is on; nothing interrupts that."""
        if self.connected:
            with self._cancel.shield():
                self._edge("off", False, 0.0)

    def _edge(
        self, action: SwitchAction, connected: bool, expected_A: float, voltage_V: float | None = None
    ) -> None:
        station = self._station
        commanded_s = station.now_s()
        intent = SwitchIntent(action=action, connected=connected, expected_A=expected_A, voltage_V=voltage_V)
        if action == "off":  # off first, journal second
            station.bench.off()
        else:
            self._recorder.emit(commanded_s, intent)
            self._carry_out(action, expected_A, voltage_V)
        acknowledged_s = station.now_s()
        if action == "off":
            close_pending(self._recorder)
        self._record(intent, commanded_s, acknowledged_s)
        if action == "current":  # the same message, with zero, ends it
            station.switch_off_latency_s = acknowledged_s - commanded_s

    def _carry_out(self, action: SwitchAction, current_A: float, voltage_V: float | None) -> None:
        bench = self._station.bench
        if action == "on":
            bench.on()
        elif action == "current":
            bench.set_current(current_A)
        elif voltage_V is not None:
            bench.set_voltage(voltage_V)

    def _record(self, intent: SwitchIntent, commanded_s: float, acknowledged_s: float) -> None:
        at_s = _acted_s(intent.action, commanded_s, acknowledged_s)
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


def _acted_s(action: SwitchAction, commanded_s: float, acknowledged_s: float) -> float:
    """Return when a switching acted (s): an instrument acts once it has the whole message.

    Switching off are two messages, and the first one, zero current, ends it.
    """
    return 0.5 * (commanded_s + acknowledged_s) if action == "off" else acknowledged_s


def close_gap(recorder: Recorder, off_s: float) -> float:
    """Record that a cell left on by a program that died was switched off at `off_s` (s); return the gap's charge (C).

    What was driven goes on until then: the current of the last reading, or the commanded one.
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
