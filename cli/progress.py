"""The progress of a run, on stderr: a line for each segment and alarm.

On a terminal another line follows the newest sample.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from solbench.acquisition.record.events import (
    Alarm,
    Event,
    LoopEnded,
    RunEnd,
    Sample,
    SegmentEnd,
    SegmentStart,
)
from solbench.protocols.kinds import SEGMENT_KINDS
from solbench.protocols.kinds.series import values_in_words

REFRESH_S = 0.25
BAR_AFTER_S = 2.0
BAR_EVERY_S = 5.0  # where lines cannot be written over


class Progress:
    """Listens to events and writes lines for people."""

    def __init__(self, area_m2: float) -> None:
        self._area_m2 = area_m2
        self._terminal = sys.stderr.isatty()
        self._next_refresh = 0.0
        self._step_name = ""

    def __call__(self, event: Event) -> None:
        """Take one event."""
        clock, body = event.time_s, event.body
        if isinstance(body, Sample):
            if self._terminal and time.monotonic() >= self._next_refresh:
                self._next_refresh = time.monotonic() + REFRESH_S
                self._follow(clock, body)
        elif isinstance(body, SegmentStart):
            values = values_in_words(body.step.passes)
            cycle = f" (cycle {body.step.cycle})" if body.step.cycle else ""
            cycle = f" ({values})" if values else cycle
            self._step_name = body.step.name + cycle
        elif isinstance(body, SegmentEnd):
            step = self._step_name or f"step {body.step}"  # of a segment that an earlier program began
            self._line(f"{clock_text(clock)}  {step}: {self._what(body)}: {body.text}")
        elif isinstance(body, LoopEnded):
            self._line(f"{clock_text(clock)}  {body.path.rpartition('.')[2]}: {body.text}")
        elif isinstance(body, Alarm):  # at once: the run may be waiting for whoever reads it
            self._line(f"{clock_text(clock)}  {body.text}")
        elif isinstance(body, RunEnd):
            self._line(f"{clock_text(clock)}  {body.outcome}: {body.reason}")

    def _what(self, end: SegmentEnd) -> str:
        kind = SEGMENT_KINDS.get(end.segment)
        name = kind.words if kind is not None else end.segment
        capacity = abs(end.step_charge_C) / self._area_m2 / 36000.0
        return f"{name}, {capacity:.4f} mAh/cm2" if kind is not None and kind.holds else name

    def _follow(self, time_s: float, sample: Sample) -> None:
        shown = f"{sample.voltage_V:8.4f} V  {sample.current_A * 1e6:9.2f} uA"
        text = f"{clock_text(time_s)}  {self._step_name}  {shown}"
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def _line(self, text: str) -> None:
        print(f"\r\x1b[K{text}" if self._terminal else text, file=sys.stderr, flush=True)


class Bar:
    """Says how far a long reading is: nothing in the first two seconds, then a line that is written over.

    Where stderr is no terminal, a new line every few seconds.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._next_s = time.monotonic() + BAR_AFTER_S
        self._shown = False

    def __call__(self, done: int, total: int) -> None:
        """Hear that `done` of `total` bytes were read."""
        now_s = time.monotonic()
        if now_s < self._next_s or not total:
            return
        self._next_s = now_s + (REFRESH_S if self._terminal else BAR_EVERY_S)
        text = f"{self._what}: {100 * done // total} % of {total / 1e6:.0f} MB"
        before, after = ("\r\x1b[K", "") if self._terminal else ("", "\n")
        print(f"{before}{text}", end=after, file=sys.stderr, flush=True)
        self._shown = self._terminal

    def clear(self) -> None:
        """Take the line off the terminal."""
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self._shown = False


@contextmanager
def told(what: str = "reading the journal") -> Iterator[Bar]:
    """Show how far a reading is as long as it lasts."""
    bar = Bar(what)
    try:
        yield bar
    finally:
        bar.clear()


def clock_text(seconds: float) -> str:
    """Return an elapsed time as d hh:mm:ss."""
    whole = int(seconds)
    days, rest = divmod(whole, 86400)
    text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days} d {text}" if days else text
