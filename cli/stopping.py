"""Ctrl-C, a termination signal or a terminal that goes: the first is a safe stop, a second cannot make it less safe."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.host.console import console_end

_FIRST = "solbench: stopping: the cell is being switched off, the file finished ..."
_AGAIN = "solbench: already stopping; the cell is switched off first, then the file is finished."
_NAMES = {
    "SIGINT": "stopped by Ctrl-C",
    "SIGTERM": "stopped by a termination signal",
    "SIGHUP": "stopped by the end of its terminal",
    "SIGBREAK": "stopped by Ctrl-Break or the end of its console",
}
_WORDS = {getattr(signal, name): words for name, words in _NAMES.items() if hasattr(signal, name)}
_TERMINAL_GONE = getattr(signal, "SIGHUP", None)


def _tell(text: str) -> None:
    """Write past Python's buffers: the signal may have come in the middle of a print, which cannot be entered twice."""
    with suppress(OSError):
        os.write(2, f"\n{text}\n".encode())


@contextmanager
def safe_stop(run_control: RunControl) -> Iterator[None]:
    """Turn the signals into a request to stop while this lasts. What was ignored (`nohup`) stays so."""
    terminals = [number for number in (1, 2) if os.isatty(number)]

    def handle(number: int, _frame: FrameType | None) -> None:
        if number == _TERMINAL_GONE:
            _write_nowhere(terminals)
        first = run_control.requested is None
        run_control.request(_WORDS[signal.Signals(number)])
        _tell(_FIRST if first else _AGAIN)

    heard = [number for number in _WORDS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        with console_end(run_control.request):
            yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _write_nowhere(terminals: list[int]) -> None:
    """Let what is still said go nowhere: writing to a terminal that has gone fails, and the run is to be ended."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in terminals:
        os.dup2(nowhere, number)
    os.close(nowhere)
