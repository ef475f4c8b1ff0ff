"""The control channel of a served bench: loopback TCP, one JSON object a line each way, for tests and practice.

{"ask": "truth"}    charge_C, charged_C, discharged_C, polarized, cell_current_A, cell_voltage_V,
                    ac_amplitude_V (rms), experiment_s, host_s, and closed_host_s and opened_host_s: the host
                    time at which the cell's relay last closed and opened (null before the first time)
{"ask": "clock"}    experiment_s and host_s of one instant, speed, world (the name of this bench and its time), unit
{"ask": "cell"}     cell (its description in SI, as it was mounted; a bench with a scenario does not say) and name (of
                    record and build, "" if not known)
{"ask": "stop"}     ends the process
{"set": "fault", "fault": NAME, ...}        see `solbench.simulators.server.faults`
{"set": "cell", "cell": {...}, "name": TEXT, "wiring": TEXT}   mounts a fresh cell, described in SI; `wiring` as in the
                    settings, "" or left out for that with which the bench began

Host times are CLOCK_BOOTTIME in seconds where the system has it (else its monotonic clock). What cannot be done
is answered with {"error": TEXT}.
"""

import json
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import NotRequired, TypeAlias, TypedDict

from solbench.simulators.server.bus import ServedBus
from solbench.simulators.server.network import LOOPBACK, listen
from solbench.simulators.unchecked import Block

LONGEST_ORDER = 1_000_000  # bytes


class TruthNow(TypedDict):
    """The reply to {"ask": "truth"}; the host times are None before the relay's first closing or opening."""

    experiment_s: float
    host_s: float
    charge_C: float
    charged_C: float
    discharged_C: float
    polarized: bool
    cell_current_A: float
    cell_voltage_V: float
    ac_amplitude_V: float
    closed_host_s: float | None
    opened_host_s: float | None


class Clock(TypedDict):
    """The reply to {"ask": "clock"}."""

    experiment_s: float
    host_s: float
    speed: float
    world: str
    unit: str


class Mounted(TypedDict):
    """The reply to {"ask": "cell"}."""

    cell: NotRequired[Block]
    name: str


class Done(TypedDict, total=False):
    """The reply to an order that was carried out, or to one that cannot be."""

    done: bool
    stopping: bool
    error: str


Reply: TypeAlias = TruthNow | Clock | Mounted | Done
_STOPPING: Done = {"done": True, "stopping": True}


class OrderError(ValueError):
    """An order that cannot be carried out; the text says why."""


class ControlChannel:
    """Answers orders, one thread a client.

    `arm` takes a fault's order, `stop` ends the process; `name` is what people call the cell that is mounted, and
    `shows_cell` whether its description is told, too.
    """

    def __init__(
        self,
        bus: ServedBus,
        arm: Callable[[Block], None],
        stop: Callable[[], None],
        port: int = 0,
        name: str = "",
        shows_cell: bool = True,
    ) -> None:
        self._bus = bus
        self._arm = arm
        self._stop = stop
        self._name = name
        self._shows_cell = shows_cell
        self._listener = listen(port)
        self.address = f"{LOOPBACK}:{self._listener.getsockname()[1]}"
        self._wake, self._woken = socket.socketpair()
        self._clients: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept_all, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop answering."""
        self._wake.send(b"!")
        self._thread.join()
        with self._lock:
            for client in self._clients:
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
        self._wake.close()
        self._woken.close()

    def _accept_all(self) -> None:
        with self._listener:
            while True:
                ready, _, _ = select.select([self._listener, self._woken], [], [])
                if self._woken in ready:
                    return
                with suppress(OSError):
                    client, _ = self._listener.accept()
                    self._begin(client)

    def _begin(self, client: socket.socket) -> None:
        client.setblocking(True)  # noqa: FBT003
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._clients.add(client)
        threading.Thread(target=self._serve, args=(client,), name="control", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client.makefile("rb") as lines:
                while line := lines.readline(LONGEST_ORDER):
                    answer = self._answer(line)
                    client.sendall(json.dumps(answer).encode() + b"\n")
                    if answer == _STOPPING:
                        self._stop()  # only now: the end of the process would swallow the answer
        except OSError:
            pass  # the client is gone
        finally:
            with self._lock:
                self._clients.discard(client)
                client.close()

    def _answer(self, line: bytes) -> Reply:
        try:
            order = json.loads(line)
            if not isinstance(order, dict):
                raise OrderError("an order is a JSON object")
            return self._obey(order)
        except (ValueError, RecursionError) as error:
            return {"error": str(error)}

    def _obey(self, order: Block) -> Reply:
        ask, what = order.get("ask"), order.get("set")
        if ask == "truth":
            return self._truth()
        if ask == "clock":
            return self._clock()
        if ask == "cell":
            with self._bus.changed:
                mounted: Mounted = {"name": self._name}
                if self._shows_cell:
                    mounted["cell"] = self._bus.bench.cell_description
            return mounted
        if ask == "stop":
            return _STOPPING
        if what == "fault":
            self._arm({key: value for key, value in order.items() if key != "set"})
        elif what == "cell" and isinstance(cell := order.get("cell"), dict):
            with self._bus.changed:
                self._bus.bench.mount(cell, str(order.get("wiring", "")))
                self._name = str(order.get("name", ""))
                self._bus.changed.notify_all()
        else:
            raise OrderError(
                "ask for truth, clock, cell or stop, or set a fault or a cell (with its description)"
            )
        return {"done": True}

    def _truth(self) -> TruthNow:
        bus = self._bus
        with bus.changed:
            truth = bus.bench.truth.everything()
        return {
            "experiment_s": truth["experiment_s"],
            "charge_C": truth["charge_C"],
            "charged_C": truth["charged_C"],
            "discharged_C": truth["discharged_C"],
            "polarized": truth["polarized"],
            "cell_current_A": truth["cell_current_A"],
            "cell_voltage_V": truth["cell_voltage_V"],
            "ac_amplitude_V": truth["ac_amplitude_V"],
            "closed_host_s": self._host_at(truth["closed_s"]),
            "opened_host_s": self._host_at(truth["opened_s"]),
            "host_s": bus.clock.host_at(truth["experiment_s"]),
        }

    def _host_at(self, time_s: float | None) -> float | None:
        return None if time_s is None else self._bus.clock.host_at(time_s)

    def _clock(self) -> Clock:
        clock = self._bus.clock
        now_s = clock.now()
        return {
            "experiment_s": now_s,
            "host_s": clock.host_at(now_s),
            "speed": clock.speed,
            "world": self._bus.bench.world,
            "unit": self._bus.bench.unit,
        }
