"""An instrument that speaks lines of text behind a real door: a TCP port, or a serial line on pseudo-terminals."""

from __future__ import annotations

import os
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from solbench.simulators.server.modbus import PtyPair

_TERMINATION = b"\r\n"
_LOOK_S = 0.05


class Speaks(Protocol):
    """An instrument that answers lines."""

    def answer(self, line: str) -> str | None:
        """Return the answer to a line, None where it has none; raises TimeoutError while it says nothing."""
        ...


class TextServer:
    """Serves an instrument until `close`; `address` is what a client opens.

    pty: a serial line in the place of TCP (POSIX only). port: of TCP, 0 for any. `hangs_s`: so long every answer takes
    from now on (host s). Raises OSError for a port in use.
    """

    def __init__(self, instrument: Speaks, *, port: int = 0, pty: bool = False) -> None:
        self.hangs_s = 0.0
        self._instrument = instrument
        self._closed = threading.Event()
        self._pair = PtyPair() if pty else None
        self._socket: socket.socket | None = None
        if self._pair is None:
            self._socket = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve, name="text", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Get what a client opens: `tcp://127.0.0.1:PORT`, or the name of a serial port."""
        if self._pair is not None:
            return self._pair.client
        assert self._socket is not None
        return f"tcp://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        """Hang up."""
        self._closed.set()
        self._thread.join()
        if self._socket is not None:
            self._socket.close()
        if self._pair is not None:
            self._pair.close()

    def __enter__(self) -> TextServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        if self._pair is not None:
            end = os.open(self._pair.server, os.O_RDWR | os.O_NOCTTY)
            try:
                self._talk(end, lambda: os.read(end, 4096), lambda data: os.write(end, data))
            finally:
                os.close(end)
            return
        assert self._socket is not None
        while not self._closed.is_set():
            if not select.select([self._socket], [], [], _LOOK_S)[0]:
                continue
            client, _ = self._socket.accept()
            with client, suppress(OSError):
                self._talk(client.fileno(), lambda at=client: at.recv(4096), client.send)  # type: ignore[misc]

    def _talk(self, file: int, read: Callable[[], bytes], write: Callable[[bytes], int]) -> None:
        """Answer one client until it hangs up."""
        pending = b""
        while not self._closed.is_set():
            if not select.select([file], [], [], _LOOK_S)[0]:
                continue
            came = read()
            if not came:
                return
            *lines, pending = (pending + came).split(b"\n")
            for line in lines:
                with suppress(TimeoutError):
                    answered = self._instrument.answer(line.decode("ascii", "replace").strip())
                    self._closed.wait(self.hangs_s)
                    if answered is not None:
                        write(answered.encode("ascii") + _TERMINATION)
