"""How a spectrum that somebody asked for is called: it is no state of an experiment, and has no number in its plan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from solbench.acquisition.record.events import Event, SpectrumAsked


def asked_for(started: str, asked_s: float) -> str:
    """Name a spectrum by the time of day at which it was asked for (s of the run), where and when the run began.

    >>> asked_for("2026-03-02T22:30:00+01:00", 1800.0), asked_for("2026-03-02T22:30:00+01:00", 7200.0)
    ('asked for, 23:00', 'asked for, 3 Mar 00:30')
    """
    begun = datetime.fromisoformat(started)
    moment = begun + timedelta(seconds=asked_s)
    day = "" if moment.date() == begun.date() else f"{moment.day} {moment:%b} "
    return f"asked for, {day}{moment:%H:%M}"


def asked_name(started: str, events: Iterable[Event], measured_s: float) -> str:
    """Name the spectrum that was measured at `measured_s` (s of the run) by the last time that one was asked for."""
    times_s = [e.time_s for e in events if isinstance(e.body, SpectrumAsked) and e.time_s <= measured_s]
    return asked_for(started, max(times_s, default=measured_s))
