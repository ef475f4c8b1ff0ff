"""Ctrl-C and SIGTERM: the first is a safe stop, a second cannot make it less safe."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from solbench.acquisition.control.run_control import RunControl

_FIRST = "solbench: stopping: the cell is being switched off, the file finished ..."
_AGAIN = "solbench: already stopping; the cell is switched off first, then the file is finished."
_WORDS = {signal.SIGINT: "stopped by Ctrl-C", signal.SIGTERM: "stopped by a termination signal"}


def _tell(text: str) -> None:
    """Write past Python's buffers: the signal may have come in the middle of a print, which cannot be entered twice."""
    with suppress(OSError):
        os.write(2, f"\n{text}\n".encode())


@contextmanager
def safe_stop(run_control: RunControl) -> Iterator[None]:
    """Turn the signals into a request to stop while this lasts."""

    def handle(number: int, _frame: FrameType | None) -> None:
        first = run_control.requested is None
        run_control.request(_WORDS[signal.Signals(number)])
        _tell(_FIRST if first else _AGAIN)

    before = {number: signal.signal(number, handle) for number in _WORDS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
