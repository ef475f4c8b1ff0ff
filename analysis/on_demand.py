"""The name of an on-demand spectrum: it is no state of an experiment and has no number in its plan."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from solbench.acquisition.record.events import Event, SpectrumAsked


def on_demand_at(started: str, requested_s: float) -> str:
    """Name a spectrum by the time of day of its request, `requested_s` after the run `started`.

    >>> on_demand_at("2026-03-02T22:30:00+01:00", 1800.0), on_demand_at("2026-03-02T22:30:00+01:00", 7200.0)
    ('on demand, 23:00', 'on demand, 3 Mar 00:30')
    """
    begun = datetime.fromisoformat(started)
    moment = begun + timedelta(seconds=requested_s)
    day = "" if moment.date() == begun.date() else f"{moment.day} {moment:%b} "
    return f"on demand, {day}{moment:%H:%M}"


def on_demand_name(started: str, events: Iterable[Event], measured_s: float) -> str:
    """Name the spectrum that was measured at `measured_s` (s of the run) by the last request before it."""
    times_s = [e.time_s for e in events if isinstance(e.body, SpectrumAsked) and e.time_s <= measured_s]
    return on_demand_at(started, max(times_s, default=measured_s))
