"""A served bench: the bench, its adapter's door, its control channel, and what happens by itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from solbench.simulators.bench import SimulatedBench
from solbench.simulators.electronics.settings import SettingError
from solbench.simulators.served_clock import ServedClock, host_s
from solbench.simulators.server.adapter import AdapterSettings
from solbench.simulators.server.box import Box
from solbench.simulators.server.bus import ServedBus
from solbench.simulators.server.control import ControlChannel
from solbench.simulators.server.faults import Door, FaultError, FaultPanel
from solbench.simulators.server.network import NetworkDoor
from solbench.simulators.unchecked import Block

if TYPE_CHECKING:
    from solbench.simulators.server.modbus import ModbusServer
    from solbench.simulators.server.text import TextServer

_SETTLE_S = 1.0  # host time between two looks at a bench that no client talks to


def served_bench(cell: Block, *, speed: float = 1.0, **options: Any) -> SimulatedBench:
    """Make a bench whose time runs by itself, `speed` experiment seconds a host second.

    `options` are those of SimulatedBench; raises what it raises, and SettingError on the number of a GPIB board, which
    an adapter does not have.
    """
    bench = SimulatedBench(cell, clock=lambda start_s: ServedClock(speed, start_s), **options)
    for name, address in bench.addresses.items():
        if not address.startswith("GPIB0::"):
            bench.close()
            raise SettingError(
                f"the address of the {name} is {address}; behind an adapter it takes no board, as in 8"
            )
    return bench


class BenchServer:
    """Serves a bench until `stop`.

    bench: as `served_bench` makes it. port: of the adapter, 0 takes any free one. pty: a serial line in the port's
    place (POSIX only). faults: orders with `after_s`, see `solbench.simulators.server.faults`. Raises OSError for a
    port in use, FaultError. cell_name: what people call the cell that is mounted, for those who ask. shows_cell:
    whether they are told what the cell is, which a bench with a scenario keeps to itself.
    """

    def __init__(
        self,
        bench: SimulatedBench,
        *,
        port: int = 0,
        pty: bool = False,
        settings: AdapterSettings | None = None,
        faults: Iterable[Block] = (),
        cell_name: str = "",
        shows_cell: bool = True,
    ) -> None:
        clock = bench.clock
        if not isinstance(clock, ServedClock):
            raise TypeError("a served bench needs a clock that runs by itself; make it with served_bench")
        self.bench = bench
        self._bus = ServedBus(bench, clock)
        settings = settings or AdapterSettings()
        if pty:
            settings = replace(settings, version=settings.serial_version)
        self._box = Box(self._bus, settings)
        self._door = self._open_door(port, pty)
        self._lines = self._open_lines()
        panel = FaultPanel(self._bus, self._box, self._door)
        self._stopped = threading.Event()
        self._is_closed = False
        try:
            self._due = self._scheduled(panel, faults, clock)
            self._control = ControlChannel(
                self._bus, panel.arm, self._stopped.set, name=cell_name, shows_cell=shows_cell
            )
        except BaseException:
            self._door.close()
            self._close_lines()
            raise
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._keeper.start()

    def _open_door(self, port: int, pty: bool) -> Door:
        if not pty:
            return NetworkDoor(self._box, port)
        from solbench.simulators.server.serial_line import SerialDoor

        return SerialDoor(self._box)

    def _open_lines(self) -> dict[str, ModbusServer | TextServer]:
        if not self.bench.registers and not self.bench.lakeshores:
            return {}
        from solbench.simulators.server.modbus import ModbusServer
        from solbench.simulators.server.text import TextServer

        found: dict[str, ModbusServer | TextServer] = {}
        found |= {line: ModbusServer(bank) for line, bank in self.bench.registers.items()}
        return found | {line: TextServer(own) for line, own in self.bench.lakeshores.items()}

    def _close_lines(self) -> None:
        for line in self._lines.values():
            line.close()

    @property
    def lines(self) -> dict[str, str]:
        """Get where each line of sensors is served (`tcp://127.0.0.1:PORT`), by what the bench file calls it."""
        return {line: server.address for line, server in self._lines.items()}

    @property
    def adapter(self) -> str:
        """Get what a client opens: `socket://127.0.0.1:PORT`, or the path of a serial line."""
        return self._door.name

    @property
    def control(self) -> str:
        """Get the address of the control channel, `127.0.0.1:PORT`."""
        return self._control.address

    @property
    def addresses(self) -> dict[str, int]:
        """Get the primary address of each instrument by name."""
        return {device.name: address for address, device in self.bench.bus.instruments.items()}

    def __enter__(self) -> BenchServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Let `wait` return."""
        self._stopped.set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Return when a client stopped the server, or after `timeout_s`; says whether it was stopped."""
        return self._stopped.wait(timeout_s)

    def close(self) -> None:
        """Hang up on everybody and leave the bench as it is; closing twice does no harm."""
        if self._is_closed:
            return
        self._is_closed = True
        self._stopped.set()
        self._keeper.join()
        self._box.close()
        self._door.close()
        self._close_lines()
        self._control.close()
        with self._bus.changed:
            self.bench.close()

    @staticmethod
    def _scheduled(
        panel: FaultPanel, faults: Iterable[Block], clock: ServedClock
    ) -> list[tuple[float, Callable[[], None]]]:
        """Check all faults of a file; returns them as (experiment time, action), the first one first."""
        due = []
        for order in faults:
            after_s = order.get("after_s")
            if isinstance(after_s, bool) or not isinstance(after_s, int | float) or not after_s >= 0.0:
                raise FaultError(f"after_s is {after_s!r}; it takes seconds of experiment time, 0 or more")
            action = panel.prepare({key: value for key, value in order.items() if key != "after_s"})
            due.append((clock.now() + after_s, action))
        return sorted(due, key=lambda item: item[0])

    def _keep(self) -> None:
        """Let faults happen when they are due, and bring the bench along so that no look at it takes long."""
        clock = self._bus.clock
        while True:
            wait_s = _SETTLE_S
            if self._due:
                wait_s = min(wait_s, max(0.0, clock.host_at(self._due[0][0]) - host_s()))
            if self._stopped.wait(wait_s):
                return
            while self._due and self._due[0][0] <= clock.now():
                self._due.pop(0)[1]()
            with self._bus.changed:
                self.bench.save()
