"""A plain socket to an adapter, for dialogues byte by byte."""

from __future__ import annotations

import socket
import time


class Wire:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._heard = b""

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def say(self, *lines: str) -> None:
        """Send lines, each with a line feed."""
        self.send("".join(f"{line}\n" for line in lines).encode("ascii"))

    def hear(self, end: bytes = b"\n", timeout_s: float = 5.0) -> bytes:
        """Return the next bytes up to and with `end`."""
        deadline_s = time.monotonic() + timeout_s
        while end not in self._heard:
            self._socket.settimeout(max(deadline_s - time.monotonic(), 1e-3))
            data = self._socket.recv(4096)
            if not data:
                raise ConnectionError("hung up")
            self._heard += data
        line, _, self._heard = self._heard.partition(end)
        return line + end

    def ask(self, *lines: str) -> str:
        """Send lines and return the next line that comes, without its end."""
        self.say(*lines)
        return self.hear().decode("ascii").rstrip("\r\n")

    def query(self, question: str) -> str:
        """Ask an instrument, and let it answer up to EOI."""
        return self.ask(question, "++read eoi")

    def is_silent(self) -> bool:
        """Say whether nothing comes until the adapter has worked off all that was sent."""
        self.say("++ver")
        return self.hear().startswith(b"Prologix") and not self._heard

    def hung_up(self, timeout_s: float = 5.0) -> bool:
        """Say whether the other end closes the connection."""
        self._socket.settimeout(timeout_s)
        try:
            return not self._socket.recv(4096)
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    def close(self) -> None:
        self._socket.close()
