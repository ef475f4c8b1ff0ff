"""Lines of text over a real port: each client gets the answers to what it asked, whole."""

from __future__ import annotations

import os

import pytest
import serial

from solbench.simulators.server.text import TextServer


class Echo:
    """Answers with what was said, and says nothing to some."""

    def answer(self, line: str) -> str | None:
        if line == "silence":
            raise TimeoutError
        return line[:-1] if line.endswith("?") else None


@pytest.mark.parametrize(
    "pty", [False, pytest.param(True, marks=pytest.mark.skipif(os.name != "posix", reason="pty"))]
)
def test_lines_are_answered_however_they_are_cut(pty):
    with TextServer(Echo(), pty=pty) as server:
        for _ in range(1 if pty else 2):  # a second client, too
            address = server.address.replace("tcp://", "socket://")
            with serial.serial_for_url(address, timeout=5.0, bytesize=7, parity="O") as port:
                for part in (b"on", b"e?\r\ntw", b"o\nsilence\nth", b"ree?\n"):
                    port.write(part)
                assert port.read_until(b"\r\n") + port.read_until(b"\r\n") == b"one\r\nthree\r\n"
