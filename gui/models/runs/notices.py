"""Notices for whoever is not at the window: a run has ended, an alarm, a pause that waits for somebody.

They go to addresses as apprise writes them (mail, Teams, Slack and some hundred more), from the window, while it is
open, or from the runs themselves: then the window sends only what a run that has no engine any more cannot. No Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from solbench.acquisition.control.notices import ADDRESSES, FROM_RUNS, Notice, deliver
from solbench.acquisition.control.registry import Entry
from solbench.acquisition.host.platform import as_typed
from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import term, tr
from solbench.gui.models.context import Context
from solbench.gui.models.live.control import words_of
from solbench.gui.models.run.alarms import Alarm

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

ENDS, ALARMS, SOUND = "notice_ends", "notice_alarms", "notice_sound"


class Notices:
    """Makes notices of what happens to the runs; `made` is called with each that was asked for.

    `picture` returns a PNG of what is shown, b"" for none; it goes with every notice.
    """

    def __init__(self, context: Context, picture: Callable[[], bytes]) -> None:
        self._context, self._picture = context, picture
        self._live: tuple[Entry, ...] = context.live.value
        self.made = Observers()
        context.alarms.raised.subscribe(self._alarm)
        context.live.subscribe(self._live_changed)

    def send(self, notice: Notice) -> None:
        """Hand a notice on to all addresses, in a thread; what fails becomes the message of the window."""
        addresses = self._context.settings.texts(ADDRESSES)
        if not addresses:
            return
        picture = self._picture()

        def done(problem: str) -> None:
            self._context.message.set(problem or tr("notice sent: {notice}", notice=notice.title))

        self._context.jobs.call(
            lambda: deliver(addresses, notice, picture),
            done,
            lambda error: done(tr("no notice was sent: {error}", error=error)),
        )

    def _alarm(self, alarm: Alarm) -> None:
        if not self._context.settings.get(ALARMS, True):
            return
        run = self._context.run.value
        text = "\n".join(filter(None, (alarm.text, *_of_run(run))))
        self._make(Notice(tr("Solbench: alarm"), text, urgent=True), told=run is not None and run.alive)

    def _live_changed(self, live: tuple[Entry, ...]) -> None:
        """Tell of runs that have no engine any more how they ended, as soon as their files say so."""
        gone = [entry for entry in self._live if entry.run not in {each.run for each in live}]
        self._live = live
        if not self._context.settings.get(ENDS, True):
            return
        for entry in gone:
            self._context.jobs.call(
                lambda entry=entry: (ended(entry), has_end(entry)),  # type: ignore[misc]
                lambda found: self._make(*found),
                lambda error: self._context.message.set(
                    tr("how a run ended cannot be read: {error}", error=error)
                ),
            )

    def _make(self, notice: Notice, told: bool) -> None:
        """Show a notice, and send it unless the run has `told` it itself."""
        self.made(notice)
        if not (told and self._context.settings.get(FROM_RUNS, False)):
            self.send(notice)


def ended(entry: Entry) -> Notice:
    """Return the notice of a run that has no engine any more; takes its time."""
    from solbench.gui.models.runs.overview import overview

    found = overview(Path(entry.path))
    completed = found.state.startswith("✓")
    text = f"{words_of(entry)}: {found.state.lstrip('✓!✗ ')}. {found.reason}".strip()
    return Notice(tr("Solbench: a run has ended"), f"{text}\n{entry.path}", urgent=not completed)


def has_end(entry: Entry) -> bool:
    """Say whether the engine of a run has written its end, and not died before."""
    from solbench.acquisition.record.events import RunEnd
    from solbench.acquisition.record.journal import journal_path, read_last

    last = read_last(journal_path(Path(entry.path)))
    return last is not None and isinstance(last.body, RunEnd)


def _of_run(run: RunModel | None) -> Sequence[str]:
    """Return the reading that stands, and the command that goes on, of the run on show."""
    if run is None or run.status is None:
        return ()
    status = run.status
    reading = (
        ""
        if status.voltage_V is None
        else f"V = {status.voltage_V:.4f} V, I = {status.current_A or 0.0:.4g} A"
    )
    command = as_typed("solbench", "resume", str(run.path)) if run.can_resume else ""
    return (
        f"{run.title}, {term(run.state)}",
        reading,
        tr("to go on: {command}", command=command) if command else "",
    )
