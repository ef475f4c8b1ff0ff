"""A console that goes asks for a safe stop, and Windows is kept waiting until that is done."""

import threading
import time

import pytest

from solbench.acquisition.host.console import CLOSED, LOGGED_OFF, SHUT_DOWN, console_end, heard


@pytest.mark.parametrize(
    ("event", "words"), [(CLOSED, "end of its console"), (LOGGED_OFF, "log-off"), (SHUT_DOWN, "shutdown")]
)
def test_the_end_of_a_console_is_held_up_until_the_run_has_ended(event: int, words: str) -> None:
    asked, over, answers = threading.Event(), threading.Event(), []
    said: list[str] = []

    def told(reason: str) -> None:
        said.append(reason)
        asked.set()

    system = threading.Thread(target=lambda: answers.append(heard(event, told, over)))
    system.start()
    assert asked.wait(60.0)
    time.sleep(0.01)
    assert answers == []
    over.set()
    system.join(60.0)
    assert answers == [True]
    assert words in said[0]


@pytest.mark.parametrize("event", [0, 1])  # Ctrl-C and Ctrl-Break, which are signals in Python
def test_what_is_a_signal_is_left_to_pythons_own_handlers(event: int) -> None:
    assert not heard(event, pytest.fail, threading.Event())


def test_nothing_is_said_while_the_console_is_there() -> None:
    with console_end(pytest.fail):
        pass
