"""The end of a console window on Windows, of which Python hears nothing: no signal is raised for it."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CLOSED, LOGGED_OFF, SHUT_DOWN = 2, 5, 6  # CTRL_CLOSE_EVENT and the others of the console's documentation
WORDS = {
    CLOSED: "stopped by the end of its console",
    LOGGED_OFF: "stopped by a log-off",
    SHUT_DOWN: "stopped by a shutdown",
}
LONGEST_S = 60.0  # Windows itself waits for some five seconds, and ends the program then


@contextmanager
def console_end(told: Callable[[str], None]) -> Iterator[None]:
    """Call `told` with the reason, in another thread, when the console goes while this lasts; nothing elsewhere."""
    if sys.platform != "win32":
        yield
        return
    import ctypes
    from ctypes import wintypes

    over = threading.Event()
    handler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(lambda event: heard(event, told, over))
    set_handler = ctypes.windll.kernel32.SetConsoleCtrlHandler
    set_handler(handler, 1)
    try:
        yield
    finally:
        set_handler(handler, 0)
        over.set()


def heard(event: int, told: Callable[[str], None], over: threading.Event) -> bool:
    """Answer an event of the console: one that ends it is held up until the work is over."""
    words = WORDS.get(event)
    if words is None:
        return False
    told(words)
    over.wait(LONGEST_S)
    return True
