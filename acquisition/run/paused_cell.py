"""A paused cell is watched: it must stay off, and what its open circuit does meanwhile is kept.

Nothing that is read here ends a run: a cell that a hand has switched on is switched off again, instruments that do not
answer are looked for until they do, and the user is told of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.engine.attention import AttentionNeeded
from solbench.acquisition.engine.confirm import Confirmation
from solbench.acquisition.engine.continuity import Continuity
from solbench.acquisition.engine.set_points import GROSS_OF_RANGE
from solbench.acquisition.engine.station import IDLE_A, Station
from solbench.acquisition.record.charge_ledger import Watched
from solbench.acquisition.record.events import Alarm, AlarmCode, Decides, Reconnected, Rejected, Sample
from solbench.acquisition.record.recorder import Recorder
from solbench.acquisition.run.unwatched import count_gap
from solbench.drivers.errors import DriverError
from solbench.drivers.roles import Reading

FIRST_EVERY_S, LONGEST_EVERY_S = 10.0, 60.0
EVERY_SHARE = 0.1  # of the time since the pause began


class PausedCell:
    """Reads the cell of a run from the beginning of one pause to its end, more and more seldom.

    `alarm` takes what is to be said, `forget` what has been overtaken. Without `keeps` nothing is stored: there is no
    room.
    """

    def __init__(
        self,
        station: Station,
        recorder: Recorder,
        run_control: RunControl,
        alarm: Callable[[Alarm], None],
        forget: Callable[[Alarm], None],
        *,
        keeps: bool,
    ) -> None:
        continuity = Continuity(lambda: recorder.progress.open_V)
        self._confirmation = Confirmation(
            report=self._unconfirmed, judge=self._decides, continuity=continuity
        )
        self._station = replace(station, confirmation=self._confirmation)
        self._recorder = recorder
        self._run_control = run_control
        self._alarm = alarm
        self._forget = forget
        self.keeps = keeps
        self._segment = max(recorder.progress.attempts, default=None)
        self._began_s = self._due_s = self._off_s = station.now_s()
        self._is_ready = False
        self._lost: Alarm | None = None
        self._told: set[AlarmCode] = set()

    def look(self) -> None:
        """Read the cell if it is time; raises Interrupted, and JournalFull."""
        now_s = self._station.now_s()
        if now_s < self._due_s:
            return
        every_s = min(max(EVERY_SHARE * (now_s - self._began_s), FIRST_EVERY_S), LONGEST_EVERY_S)
        self._due_s = now_s + (FIRST_EVERY_S if self._lost else every_s)
        try:
            self._read()
        except DriverError as error:
            self._lose(error)

    def leave(self) -> None:
        """End the watch: what comes next finds lost instruments by itself."""
        if self._lost is not None:
            self._forget(self._lost)

    def _read(self) -> None:
        if not self._is_ready:
            self._make_ready()
        try:
            reading = self._station.measure()
        except AttentionNeeded as need:
            self._confirmation.forget(driven=False)
            flowing = [reading for reading in self._twice() if self._decides(reading)]
            if len(flowing) == 2:
                self._switch_off(flowing[0])
            else:
                self._tell(need.alarm)
            return
        if self._decides(reading):
            self._switch_off(reading)
        elif reading.overload:
            text = f"Look at the leads of the cell: in the pause a meter is overloaded ({reading.overload})."
            self._tell(Alarm(text=text, code="paused_cell_changed"))
        else:
            self._off_s = reading.time_s
            self._store(reading)

    def _make_ready(self) -> None:
        """Prepare readings at open circuit; after a loss the connection is opened anew, and the cell verified off."""
        bench, lost = self._station.bench, self._lost
        with self._run_control.shield():
            if lost is not None:
                bench.reconnect()
                bench.make_safe(self._station.clock)
                bench.initialise()
            bench.prepare_current(IDLE_A)
        self._confirmation.forget(driven=False)
        self._is_ready = True
        if lost is not None:
            self._lost = None
            self._forget(lost)
            self._recorder.emit(self._station.now_s(), Reconnected())

    def _lose(self, error: DriverError) -> None:
        """Tell once that the instruments do not answer; the next look tries anew."""
        self._is_ready = False
        if self._lost is not None:
            return
        text = (
            f"Check adapter, cables and power before the run is resumed: {error} The pause goes on, and the "
            "instruments are looked for; the cell was verified off when it began."
        )
        self._lost = Alarm(text=text, code="connection_lost")
        self._alarm(self._lost)

    def _twice(self) -> tuple[Reading, Reading]:
        station = self._station
        return station.corrected(station.bench.measure(fast=True)), station.corrected(
            station.bench.measure(fast=True)
        )

    def _switch_off(self, reading: Reading) -> None:
        """Switch a cell off that somebody has switched on, and count what may have flowed since it was seen off."""
        station, recorder = self._station, self._recorder
        with self._run_control.shield():
            station.bench.off()
            off_s = station.now_s()
            station.bench.make_safe(station.clock)
            station.bench.prepare_current(IDLE_A)
        watched = Watched(self._off_s, recorder.progress.ledger.charge_C, reading.current_A)
        if self.keeps:
            count_gap(recorder, "by_hand", watched, off_s, station.now_s(), doubtful=True)
        self._confirmation.forget(driven=False)
        self._off_s = off_s
        text = (
            f"Look at the bench: somebody has switched the cell on in the pause, and {reading.current_A:.4g} A flowed. "
            "It was switched off again; how much has flowed is not known."
        )
        found = {"voltage_V": reading.voltage_V, "current_A": reading.current_A}
        self._told.discard("on_in_pause")  # each time is one more
        self._tell(Alarm(text=text, code="on_in_pause", parameters=found))

    def _tell(self, alarm: Alarm) -> None:
        """Raise an alarm, each kind once in a pause."""
        if alarm.code not in self._told:
            self._told.add(alarm.code)
            self._alarm(alarm)

    def _store(self, reading: Reading) -> None:
        step = self._recorder.progress.step_index
        if not self.keeps or self._segment is None or step is None:
            return
        sample = Sample(
            step=step,
            segment=self._segment,
            voltage_V=reading.voltage_V,
            current_A=reading.current_A,
            charge_C=self._recorder.progress.ledger.charge_C,
            range=self._station.bench.range_index,
            paused=True,
        )
        self._recorder.emit(reading.time_s, sample)

    def _decides(self, reading: Reading) -> Decides:
        """Say whether a current flows."""
        allowed_A = GROSS_OF_RANGE * self._station.bench.full_scale_A
        return "limit" if not reading.overload and abs(reading.current_A) > allowed_A else ""

    def _unconfirmed(self, reading: Reading, decides: Decides) -> None:
        if not self.keeps or self._segment is None:
            return
        body = Rejected(
            segment=self._segment,
            voltage_V=reading.voltage_V,
            current_A=reading.current_A,
            text=reading.text,
            decides=decides,
        )
        self._recorder.emit(self._station.now_s(), body)
