"""Runs of `TINY` for which somebody asks a spectrum on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest import mock

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Answer
from solbench.acquisition.record.events import Event
from solbench.acquisition.run.session import Session
from solbench.acquisition.run.setup import RunSetup
from solbench.acquisition.run.start import Request, start
from tests.acquisition.runs import CURRENT_A, TINY, Seen, request, seen_run

SODIATION, PAUSE, DESODIATION = 0, 1, 2
FLOWS_A = 0.9 * CURRENT_A
SOON = SpectrumRequest(rest="2 s")
Look = Callable[[Event], None]


class Killed(BaseException):
    """The program dies here, without another word."""


@contextmanager
def sessions() -> Iterator[list[Session]]:
    """Give the sessions that are made, to speak to them as the control channel does; one may stand within another."""
    made: list[Session] = []
    really = Session.__init__

    def make(session: Session, setup: RunSetup) -> None:
        really(session, setup)
        made.append(session)

    with mock.patch.object(Session, "__init__", make):
        yield made


def killed(
    wanted: Request, when: Callable[[Event], bool], *listeners: Look, run_control: RunControl | None = None
) -> None:
    """Carry out a request until the program dies, at the first event of which `when` says so."""

    def die(event: Event) -> None:
        if when(event):
            raise Killed

    nothing_more = mock.patch.object(Session, "_way_out", lambda _self, ending: ending)
    with sessions() as made, nothing_more, suppress(Killed):
        start(wanted, run_control or RunControl(), [*listeners, die])
    made[0].storage.close()
    made[0].journal.close()
    made[0].bench.close()


def asking(
    when: Callable[[Event], bool], made: list[Session], wish: SpectrumRequest, answers: list[Answer]
) -> Look:
    """Return a listener that asks for a spectrum each time `when` says so."""

    def look(event: Event) -> None:
        if when(event):
            answers.append(made[0].ask_spectrum(wish, "a test"))

    return look


def nth_sample(*wanted: tuple[int, int]) -> Callable[[Event], bool]:
    """Say yes at the n-th stored reading of a step, under its current if it has one, for each (step, n)."""
    counts: dict[int, int] = {}

    def when(event: Event) -> bool:
        if event.kind != "sample" or (event.body.step != PAUSE and abs(event.body.current_A) < FLOWS_A):
            return False
        counts[event.body.step] = counts.get(event.body.step, 0) + 1
        return (event.body.step, counts[event.body.step]) in wanted

    return when


def run_asked(
    path: Path, when: Callable[[Event], bool], wish: SpectrumRequest = SOON, text: str = TINY
) -> tuple[Seen, list[Answer]]:
    answers: list[Answer] = []
    with sessions() as made:
        seen = seen_run(request(path, text), asking(when, made, wish, answers))
    return seen, answers
