"""Finding the instruments again after their adapter was lost."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.control.idle import idle
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import State
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.switch import close_gap
from solbench.acquisition.record.events import Alarm, Reconnected
from solbench.acquisition.record.recorder import Recorder
from solbench.drivers.errors import BusError, DriverError, SettingsChanged

RECONNECT_EVERY_S = 1.0


@dataclass(frozen=True)
class Reconnection:
    """Opens the adapter again, off first, settings again before anything else; `alarm` takes what is to be reported."""

    bench: Bench
    station: Station
    recorder: Recorder
    run_control: RunControl
    alarm: Callable[[Alarm], None]

    def carry_out(self, error: BusError) -> None:
        """Try until it succeeds or the bench's time for it is over; raises the last DriverError then, Interrupted."""
        for_s = self.bench.reconnect_for_s
        text = f"{error} Trying to find it again for {for_s:g} s."
        self.alarm(Alarm(text=text, code="connection_lost", parameters={"reconnect_for_s": for_s}))
        until = time.monotonic() + for_s
        while True:
            try:
                with self.run_control.shield():
                    self._try()
                break
            except DriverError as again:
                if time.monotonic() > until:
                    raise again from error
            self._wait()
        self.recorder.emit(self.station.now_s(), Reconnected())

    def _try(self) -> None:
        self.bench.equipment.dc.reconnect()
        self.bench.equipment.dc.off()
        close_gap(self.recorder, self.station.now_s())
        self._verify_again()

    def _wait(self) -> None:
        """Wait between two attempts; only a stop ends that, a pause waits until the instruments are back."""
        for _ in range(int(RECONNECT_EVERY_S / 0.05)):
            if self.run_control.state is State.STOPPING:
                self.run_control.poll()
            with self.run_control.shield():
                idle(self.bench.clock, self.run_control)

    def _verify_again(self) -> None:
        """Set the instruments up again and read it back; say so if one had lost its settings meanwhile."""
        try:
            self.bench.equipment.dc.verify_settings()
        except SettingsChanged as changed:
            self.alarm(Alarm(text=f"{changed} They are set again.", code="settings_lost"))
        self.bench.equipment.dc.initialise()
        self.bench.equipment.dc.verify_settings()
