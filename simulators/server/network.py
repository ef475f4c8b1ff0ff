"""The adapter on TCP, as a GPIB-ETHERNET box is."""

import os
import select
import socket
import struct
import threading
from contextlib import suppress

from solbench.simulators.served_clock import host_s
from solbench.simulators.server.box import Box

LOOPBACK = "127.0.0.1"
_LOOK_S = 0.05  # host time between two looks at what may have changed
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def listen(port: int) -> socket.socket:
    """Make a listening socket on the loopback, and nowhere else; raises OSError for a port in use."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two programs have the same port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
        listener.setblocking(False)  # noqa: FBT003  # a client that is gone before it is accepted must hold no other up
    except OSError:
        listener.close()
        raise
    return listener


def has_hung_up(connection: socket.socket) -> bool:
    """Say whether the client at the other end is gone; what it sent before stays to be read."""
    try:
        readable, _, _ = select.select([connection], [], [], 0.0)
        return bool(readable) and not connection.recv(1, socket.MSG_PEEK)
    except (OSError, ValueError):
        return True


class NetworkDoor:
    """Accepts sessions with a box, one thread each."""

    def __init__(self, box: Box, port: int = 0) -> None:
        self._box = box
        self._listener = listen(port)
        self._port = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._closed = threading.Event()
        self._refuses_until_s = 0.0
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._accept_all, name="adapter", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """Get what a client opens, as pyserial writes it."""
        return f"socket://{LOOPBACK}:{self._port}"

    def drop(self) -> None:
        """Cut every connection at once."""
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                    connection.shutdown(socket.SHUT_RDWR)

    def refuse(self, for_s: float) -> None:
        """Refuse new connections for `for_s` seconds of host time; existing ones continue."""
        self._refuses_until_s = host_s() + for_s
        self._wake.send(b"!")

    def close(self) -> None:
        """Cut all connections and stop listening."""
        self._closed.set()
        self._wake.send(b"!")
        self._thread.join()
        self.drop()
        self._wake.close()
        self._woken.close()

    def _accept_all(self) -> None:
        while not self._closed.is_set():
            if self._refuses_until_s > host_s():
                self._refuse_for_now()
                continue
            ready, _, _ = select.select([self._listener, self._woken], [], [])
            if self._woken in ready:
                self._woken.recv(64)
            else:
                self._accept()
        self._listener.close()

    def _refuse_for_now(self) -> None:
        self._listener.close()
        while (left_s := self._refuses_until_s - host_s()) > 0.0:
            if self._closed.wait(min(left_s, _LOOK_S)):
                return
        while not self._closed.is_set():
            try:
                self._listener = listen(self._port)
                return
            except OSError:  # another program has the port; it is free again sooner or later
                self._closed.wait(_LOOK_S)

    def _accept(self) -> None:
        with suppress(OSError):
            connection, _ = self._listener.accept()
            connection.setblocking(True)  # noqa: FBT003
            with self._lock:
                if self._box.settings.exclusive and self._connections:
                    connection.close()
                    return
                self._connections.add(connection)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), name="session", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        adapter = self._box.session(connection.sendall, lambda: has_hung_up(connection))
        try:
            while data := connection.recv(65_536):
                self._box.feed(adapter, data)
        except OSError:
            pass  # the client is gone, or was cut off
        finally:
            self._box.leave(adapter)
            with self._lock:
                self._connections.discard(connection)
                connection.close()
