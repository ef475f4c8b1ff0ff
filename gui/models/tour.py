"""The tour of the simulated bench: from nothing to a finished half-cell, screen by screen, at the user's own pace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from solbench.gui.models.common.observed import Observers
from solbench.gui.models.common.words import listed, tr
from solbench.gui.models.context import Context

if TYPE_CHECKING:
    from solbench.gui.models.run.run import RunModel

BENCH, CELL, PROTOCOL, SPEED = "simulated", "nps", "half-cell", 3600.0
PACE_S = 7.0  # a text of this length read twice


@dataclass(frozen=True)
class Stop:
    """One place of the tour: the screen, which frames a part of it, what it is and what to look at.

    `go_on` is the text of the button that leads on, "" where something on the screen does. At a `passing` stop the
    tour continues by itself, until the user has chosen another pace.
    """

    screen: str
    title: str
    text: str
    go_on: str = tr("Next")
    passing: bool = False


STOPS = (
    Stop(
        "connect",
        tr("The bench"),
        tr(
            "The simulated bench is chosen: a 1260, a 1287 and a cell with its physics. "
            "Instruments of your own are found here with Find, asked with Test, and the sketch "
            "shows their cables."
        ),
        passing=True,
    ),
    Stop(
        "cell",
        tr("The cell"),
        tr(
            "The record of NPS is chosen: masses, area and the voltages that are safe for it. "
            "What is known of the mounted cell is entered here, and a barcode reader types "
            "its id."
        ),
        passing=True,
    ),
    Stop(
        "protocol",
        tr("The protocol"),
        tr(
            "half-cell: sodiation with spectra at five states, then desodiation. Every value can "
            "be changed; what is wrong with it, and how long it takes, is shown while you type."
        ),
        go_on=tr("Check it"),
    ),
    Stop(
        "start",
        tr("The start"),
        tr(
            "Bench, cell, protocol and disk are looked at; nothing is switched on. The line below "
            "is the same start for a terminal. The run goes 3600 times faster than in real time: press "
            "Start run."
        ),
        go_on="",
    ),
    Stop(
        "live",
        tr("The run"),
        tr(
            "Voltage and current above, each spectrum below as it is measured. The run has a "
            "process of its own: closing this window does not disturb it. F12 stops it from every "
            "screen."
        ),
        go_on="",
    ),
    Stop(
        "data",
        tr("The data"),
        tr(
            "The run file, with all events and measurements. Click it to see its curves, or "
            "choose several to lay them over each other."
        ),
    ),
    Stop(
        "fit",
        tr("The fit"),
        tr(
            "Fit fits a circuit to the five spectra together: the resistance of the interface grows with each state."
        ),
    ),
    Stop(
        "report",
        tr("The report"),
        tr(
            "Make report writes a page with the figures of the run. That is all; the tour waits in the menu Help."
        ),
        go_on=tr("End"),
    ),
)
LIVE = next(number for number, stop in enumerate(STOPS) if stop.screen == "live")


class Tour:
    """Where the tour is: `stop` is None while there is none. `changed` is called after every change.

    It chooses bench, cell and protocol as the user would, and gives back what had been chosen when it ends.
    """

    def __init__(self, context: Context, now: Callable[[], float] = time.monotonic) -> None:
        self.changed = Observers()
        self.offered = False
        self.problem = ""
        self._context, self._now = context, now
        self._place: int | None = None
        self._since_s = 0.0
        self._own_pace = False
        self._ended = ""
        self._earlier: RunModel | None = None
        self._before: tuple[str | None, str | None, str | None] = (None, None, None)
        context.follow.subscribe(lambda _run: self._started())

    @property
    def stop(self) -> Stop | None:
        """Get the present stop; what it says of the run changes when the run ends."""
        if self._place is None:
            return None
        stop = STOPS[self._place]
        if self._place == LIVE and self._ended:
            return replace(stop, text=self._ended, go_on=tr("Next"))
        return stop

    @property
    def number(self) -> int:
        """Get the number of the present stop, from 1; 0 without a tour."""
        return 0 if self._place is None else self._place + 1

    def offer(self) -> None:
        """Offer the tour, without beginning it."""
        self.offered = True
        self.changed()

    def begin(self) -> None:
        """Choose the simulated bench, a cell and a protocol, and go to the first stop; not over unsaved work."""
        context = self._context
        self.offered, self.problem = False, ""
        if context.unsaved:
            what = listed(sorted(context.unsaved))
            self.problem = tr(
                "The tour chooses a cell and a protocol of its own, and {what} on the screen is not "
                "saved: save it, or undo the change, and start the tour again from the menu Help.",
                what=what,
            )
            self.changed()
            return
        self._earlier = context.run.value
        if self._place is None:
            self._before = (context.bench.value, context.cell.value, context.protocol.value)
        context.bench.set(BENCH)
        context.cell.set(CELL)
        context.protocol.set(PROTOCOL)
        context.speed.set(SPEED)
        self._own_pace, self._ended = False, ""
        self._go(0)

    def next(self) -> None:
        """Continue; behind the last stop the tour ends."""
        if self._place is None:
            return
        if self._place + 1 == len(STOPS):
            self.leave()
        else:
            self._go(self._place + 1)

    def back(self) -> None:
        """Go back to the stop before; from now on the tour waits at every stop."""
        self._own_pace = True
        if self._place:
            self._go(self._place - 1)

    def leave(self) -> None:
        """End the tour, or turn down the offer; a run that it started continues."""
        if self._place is not None and not self._context.unsaved:
            self._give_back()
        self._place, self.offered, self.problem = None, False, ""
        self.changed()

    def went(self, screen: str) -> None:
        """Take note that the user went to a screen: the tour does not lead away from there."""
        if self.stop is not None and screen != self.stop.screen:
            self._own_pace = True
            self.changed()

    def tick(self) -> None:
        """Continue by itself where that is meant, and see whether the run has ended."""
        stop = self.stop
        if stop is None:
            return
        if stop.passing and not self._own_pace and self._now() - self._since_s > PACE_S:
            self.next()
        elif self._place == LIVE and not self._ended:
            self._watch()

    def _go(self, place: int) -> None:
        self._place, self._since_s = place, self._now()
        run = self._context.run.value
        if place > LIVE and run is not None:
            self._context.chosen.set((run.path,))
        self._context.show(STOPS[place].screen)
        self.changed()

    def _started(self) -> None:
        """A run is followed: from the start page the tour goes with it."""
        if self._place == LIVE - 1:
            self._ended = ""
            self._place, self._since_s = LIVE, self._now()
            self.changed()

    def _watch(self) -> None:
        run = self._context.run.value
        if run is None or run is self._earlier or run.end is None:
            return
        if run.end.completed:
            self._ended = tr(
                "Finished: {run}, with {count} spectra. Look at the tabs R interface and Capacity; "
                "the file is kept. Next come data, fit and report.",
                run=run.title,
                count=len(run.spectra.shown),
            )
        else:
            self._ended = tr(
                "The run has ended early: {reason}. What it recorded is kept.", reason=run.end.reason
            )
        self.changed()

    def _give_back(self) -> None:
        bench, cell, protocol = self._before
        self._context.bench.set(bench)
        if cell is not None:
            self._context.cell.set(cell)
        if protocol is not None:
            self._context.protocol.set(protocol)
