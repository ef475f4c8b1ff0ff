"""The adapter on a pseudo-terminal, as a GPIB-USB box is on a serial port."""

import os
import select
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

from solbench.simulators.served_clock import host_s
from solbench.simulators.server.box import Box

_PATIENCE_S = 1.0  # host time for which bytes wait for a client that does not read


class NoSerialLine(OSError):
    """This system has no pseudo-terminals."""


class SerialDoor:
    """One session with a box on a pseudo-terminal; `name` stays the same when the line is plugged in again.

    Raises NoSerialLine where there are none.
    """

    def __init__(self, box: Box) -> None:
        if not hasattr(os, "openpty"):
            raise NoSerialLine("this system has no pseudo-terminals (Windows has none); serve on TCP instead")
        self._box = box
        self._folder = Path(tempfile.mkdtemp(prefix="solbench-"))
        self._link = self._folder / "adapter"
        self._wake_read, self._wake = os.pipe()
        self._closed = threading.Event()
        self._plugged_in_s = 0.0
        self._master = self._slave = -1
        self._is_fetched = True  # whether the client takes what is sent: once in vain is waited long enough
        self._plug_in()
        self._thread = threading.Thread(target=self._serve, name="adapter", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Get the path that a client opens as a serial port."""
        return str(self._link)

    def drop(self) -> None:
        """Pull the plug; it comes back at once, or when `refuse` lets it."""
        os.write(self._wake, b"!")

    def refuse(self, for_s: float) -> None:
        """Do not plug in again for `for_s` seconds of host time."""
        self._plugged_in_s = host_s() + for_s

    def close(self) -> None:
        """Take the line away."""
        self._closed.set()
        os.write(self._wake, b"!")
        self._thread.join()
        os.close(self._wake)
        os.close(self._wake_read)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _plug_in(self) -> None:
        import tty

        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._link.symlink_to(os.ttyname(self._slave))

    def _pull_out(self) -> None:
        self._link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def _serve(self) -> None:
        while True:
            self._serve_until_pulled()
            self._pull_out()
            while (left_s := self._plugged_in_s - host_s()) > 0.0 and not self._closed.is_set():
                self._closed.wait(min(left_s, 0.05))
            if self._closed.is_set():
                return
            self._plug_in()

    def _serve_until_pulled(self) -> None:
        adapter = self._box.session(self._send, self._is_pulled)
        while True:
            ready, _, _ = select.select([self._master, self._wake_read], [], [])
            if self._wake_read in ready:
                os.read(self._wake_read, 64)
                break
            with suppress(BlockingIOError):
                self._box.feed(adapter, os.read(self._master, 65_536))
        self._box.leave(adapter)

    def _is_pulled(self) -> bool:
        return bool(select.select([self._wake_read], [], [], 0.0)[0])

    def _send(self, data: bytes) -> None:
        """Put bytes on the line; what a client does not fetch is lost, as on a port that no program opened."""
        while data:
            patience_s = _PATIENCE_S if self._is_fetched else 0.0
            pulled, writable, _ = select.select([self._wake_read], [self._master], [], patience_s)
            self._is_fetched = bool(writable)
            if pulled or not writable:
                return
            with suppress(BlockingIOError):
                data = data[os.write(self._master, data) :]
