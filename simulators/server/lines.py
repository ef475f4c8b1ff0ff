"""What an adapter takes for one line, and what of it is passed to the instrument."""

import re

LONGEST_PENDING = 65_536  # bytes without a line end; what comes then is lost, as in a full buffer

_LINE = re.compile(rb"((?:[^\r\n\x1b]++|\x1b.)*+)[\r\n]", re.DOTALL)
_ESCAPED = re.compile(rb"\x1b(.)|[\r\n\x1b+]", re.DOTALL)


def take_lines(pending: bytearray) -> list[bytes]:
    """Take all whole lines out of `pending`, still escaped; empty ones count for nothing.

    A line ends with a CR or LF that no ESC precedes; what has no end yet stays.
    """
    lines, end = [], 0
    while (found := _LINE.match(pending, end)) is not None:
        end = found.end()
        if found[1]:
            lines.append(bytes(found[1]))
    del pending[:end]
    if len(pending) > LONGEST_PENDING:
        pending.clear()
    return lines


def unescape(line: bytes) -> bytes:
    """Get the data of a line: ESC makes the next byte plain; CR, LF, ESC and + without it are dropped."""
    if b"\x1b" not in line and b"+" not in line:
        return line
    return _ESCAPED.sub(lambda found: found[1] or b"", line)
