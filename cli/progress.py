"""How a run goes, on stderr: one line a segment, and on a terminal a line that follows the newest sample."""

from __future__ import annotations

import sys
import time

from solbench.acquisition.record.journal import Event
from solbench.protocols.kinds import SEGMENT_KINDS

REFRESH_S = 0.25


class Progress:
    """Listens to events and writes lines for people."""

    def __init__(self, area_m2: float) -> None:
        self._area_m2 = area_m2
        self._terminal = sys.stderr.isatty()
        self._next_refresh = 0.0
        self._step_name = ""
        self._step_start_C = 0.0
        self._step = -1

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if event.kind == "sample":
            if self._terminal and time.monotonic() >= self._next_refresh:
                self._next_refresh = time.monotonic() + REFRESH_S
                self._follow(event)
        elif event.kind == "segment":
            self._begin(event)
        elif event.kind == "segment_end":
            self._line(
                f"{clock_text(event.time_s)}  {self._step_name}: {self._what(event)}: {event.data['text']}"
            )
        elif event.kind == "end":
            self._line(f"{clock_text(event.time_s)}  {event.data['outcome']}: {event.data['reason']}")

    def _begin(self, event: Event) -> None:
        step = event.data["step"]
        cycle = f" (cycle {step['cycle']})" if step["cycle"] else ""
        self._step_name = step["name"] + cycle

    def _what(self, event: Event) -> str:
        kind = SEGMENT_KINDS.get(event.data["segment"])
        name = kind.words if kind is not None else event.data["segment"]
        capacity = abs(event.data["step_charge_C"]) / self._area_m2 / 36000.0
        return f"{name}, {capacity:.4f} mAh/cm2" if kind is not None and kind.holds else name

    def _follow(self, event: Event) -> None:
        data = event.data
        shown = f"{data['voltage_V']:8.4f} V  {data['current_A'] * 1e6:9.2f} uA"
        text = f"{clock_text(event.time_s)}  {self._step_name}  {shown}"
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    def _line(self, text: str) -> None:
        print(f"\r\x1b[K{text}" if self._terminal else text, file=sys.stderr, flush=True)


def clock_text(seconds: float) -> str:
    """Return an elapsed time as d hh:mm:ss."""
    whole = int(seconds)
    days, rest = divmod(whole, 86400)
    text = f"{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    return f"{days} d {text}" if days else text
