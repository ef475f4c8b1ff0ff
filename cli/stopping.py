"""Ctrl-C and SIGTERM: the first is a safe stop, a second cannot make it less safe."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from acquisition.cancel import Cancel
from cli.output import say

_WORDS = {signal.SIGINT: "stopped by Ctrl-C", signal.SIGTERM: "stopped by a termination signal"}


@contextmanager
def safe_stop(cancel: Cancel) -> Iterator[None]:
    """Turn the signals into a request to stop while this lasts."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if cancel.requested is None:
            say("\nsolbench: stopping: the cell is being switched off, the file finished ...")
        else:
            say("\nsolbench: already stopping; the cell is switched off first, then the file is finished.")
        cancel.request(_WORDS[signal.Signals(number)])

    before = {number: signal.signal(number, handle) for number in _WORDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
