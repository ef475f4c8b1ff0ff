"""A Prologix adapter as its command list describes it, on a loopback socket or a pty, told what to answer."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

VERSION = b"Prologix GPIB-ETHERNET Controller version 1.6.6.0\r\n"
EOS = {0: b"\r\n", 1: b"\r", 2: b"\n", 3: b""}


@dataclass
class Device:
    """One instrument on the bus: hears with `end` (b"" for EOI) as its switches say, answers `after_s` later."""

    answers: dict[str, bytes] = field(default_factory=dict)
    end: bytes = b""
    after_s: float = 0.0
    heard: list[bytes] = field(default_factory=list)
    output: bytes = b""
    ready_s: float = 0.0
    pieces: tuple[int, ...] = ()  # where a reply is broken by a pause longer than the character time-out
    local: bool = False
    clears: int = 0
    _begun: bytes = b""

    def listen(self, data: bytes, eoi: bool) -> None:
        self.local = False
        if not (eoi if self.end == b"" else data.endswith(self.end)):
            self._begun += data
            return
        command = (self._begun + data).removesuffix(self.end)
        self._begun = b""
        self.heard.append(command)
        answer = self.answers.get(command.decode("latin-1"))
        if answer is not None:
            self.output, self.ready_s = answer, time.monotonic() + self.after_s

    def talk(self, patience_s: float) -> bytes:
        wait_s = self.ready_s - time.monotonic()
        if not self.output or wait_s > patience_s:
            time.sleep(patience_s)
            return b""
        time.sleep(max(wait_s, 0.0))
        if self.pieces:
            at, *rest = self.pieces
            self.pieces = tuple(rest)
            piece, self.output = self.output[:at], self.output[at:]
            time.sleep(patience_s)
            return piece
        piece, self.output = self.output, b""
        return piece

    def clear(self) -> None:
        self._begun = self.output = b""
        self.clears += 1

    def status(self) -> int:
        return 16 if self.output and time.monotonic() >= self.ready_s else 0


class Adapter:
    """`lines` are all lines as they came, escapes included; `late_s` delays everything it sends."""

    def __init__(self, devices: dict[str, Device]) -> None:
        self.devices = devices
        self.lines: list[bytes] = []
        self.set_to = {"auto": 0, "addr": "0", "eos": 0, "eoi": 1, "read_tmo_ms": 200}
        self.late_s = 0.0
        self.mute = False
        self.version = VERSION
        self.hang_up: Callable[[], None] = lambda: None

    def serve(self, receive: Callable[[], bytes], send: Callable[[bytes], object]) -> None:
        begun, escaped = bytearray(), False
        raw = bytearray()
        while data := receive():
            for byte in data:
                raw.append(byte)
                if escaped:
                    begun.append(byte)
                    escaped = False
                elif byte == 0x1B:
                    escaped = True
                elif byte in b"\r\n":
                    line, plain = bytes(begun), bytes(raw)
                    begun.clear()
                    raw.clear()
                    answer = self._line(line, plain) if line else b""
                    if answer and not self.mute:
                        if self.late_s:
                            time.sleep(self.late_s)
                        send(answer)
                else:
                    begun.append(byte)

    def _line(self, line: bytes, raw: bytes) -> bytes:
        self.lines.append(raw.rstrip(b"\r\n"))
        if raw.startswith(b"++"):
            name, _, argument = line[2:].decode("ascii").partition(" ")
            return self._command(name, argument)
        device = self._device()
        if device is not None:
            device.listen(line + EOS[int(self.set_to["eos"])], bool(int(self.set_to["eoi"])))
        return b""

    def _device(self) -> Device | None:
        return self.devices.get(str(self.set_to["addr"]))

    def _command(self, name: str, argument: str) -> bytes:
        device = self._device()
        if name == "ver":
            return self.version
        if name == "read":
            patience_s = int(self.set_to["read_tmo_ms"]) / 1000.0
            if device is None:
                time.sleep(patience_s)
                return b""
            return device.talk(patience_s)
        if name == "spoll":
            return b"%d\r\n" % (device.status() if device else 0)
        if name == "clr" and device:
            device.clear()
        elif name == "loc" and device:
            device.local = True
        elif argument:
            self.set_to[name] = argument
        return b""


@contextmanager
def on_tcp(adapter: Adapter) -> Iterator[str]:
    """Serve on a free loopback port, one client after the other; yields the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    clients: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            clients[:] = [client]
            with contextlib.suppress(OSError):
                adapter.serve(lambda one=client: one.recv(4096), client.sendall)
            client.close()

    def hang_up() -> None:
        for client in clients:
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    adapter.hang_up = hang_up
    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"socket://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        hang_up()
        thread.join(2.0)


@contextmanager
def on_pty(adapter: Adapter) -> Iterator[str]:
    """Serve on a pty as a USB adapter; yields the path."""
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    stop_read, stop_write = os.pipe()

    def receive() -> bytes:
        import select

        ready, _, _ = select.select([ours, stop_read], [], [])
        try:
            return b"" if stop_read in ready else os.read(ours, 4096)
        except OSError:
            return b""

    def unplug() -> None:
        if thread.is_alive():
            os.write(stop_write, b"x")
            thread.join(2.0)
            os.close(ours)

    adapter.hang_up = unplug
    thread = threading.Thread(target=lambda: adapter.serve(receive, lambda data: os.write(ours, data)))
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        unplug()
        for descriptor in (theirs, stop_read, stop_write):
            os.close(descriptor)
