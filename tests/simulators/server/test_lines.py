from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from solbench.simulators.server.lines import LONGEST_PENDING, take_lines, unescape


def escape(data: bytes) -> bytes:
    return b"".join(b"\x1b" + bytes([c]) if c in b"\r\n\x1b+" else bytes([c]) for c in data)


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=8), st.data())
def test_lines_do_not_depend_on_how_the_bytes_arrive(messages, data):
    stream = b"".join(
        escape(message) + data.draw(st.sampled_from([b"\r", b"\n", b"\r\n", b"\n\n"])) for message in messages
    )
    pending, lines = bytearray(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        pending += stream[:size]
        stream = stream[size:]
        lines += take_lines(pending)
    assert [unescape(line) for line in lines] == messages
    assert not pending


def test_a_line_without_its_end_stays():
    pending = bytearray(b"PW0\r\nPV0.")
    assert take_lines(pending) == [b"PW0"]
    assert pending == b"PV0."


def test_an_escaped_line_feed_ends_nothing():
    pending = bytearray(b"A\x1b\nB\n")
    assert [unescape(line) for line in take_lines(pending)] == [b"A\nB"]


def test_an_escape_waits_for_what_it_escapes():
    pending = bytearray(b"A\x1b")
    assert take_lines(pending) == []
    pending += b"\nB\n"
    assert [unescape(line) for line in take_lines(pending)] == [b"A\nB"]


def test_what_is_not_escaped_is_dropped():
    assert unescape(b"FR+1.0E+03") == b"FR1.0E03"
    assert unescape(b"FR\x1b+1.0E\x1b+03") == b"FR+1.0E+03"


def test_a_flood_without_a_line_end_is_thrown_away():
    pending = bytearray(b"x" * (LONGEST_PENDING + 1))
    assert take_lines(pending) == []
    assert not pending
