"""Whether a run that is continued has the instruments before it with which it was begun."""

from collections.abc import Mapping

from solbench.acquisition.record.events import Instrument
from solbench.drivers.roles import BenchInstrument
from solbench.protocols.errors import BadInput

MOST_ANSWERS = 4


def identity_of(instrument: BenchInstrument, known: str = "") -> str:
    """Return who an instrument is: the answer that it gives twice in turn, or that is `known`; else its last one.

    One character may be wrong in any answer. Raises DriverError.
    """
    answer, before = instrument.identity(), known
    for _ in range(MOST_ANSWERS - 1):
        if answer == before:
            break
        answer, before = instrument.identity(), answer
    return answer


def require_same(before: Mapping[str, Instrument], now: Mapping[str, str], file: str = "") -> None:
    """Raise BadInput unless the instruments answer `now` who they are as they did `before`, each by its name."""
    others = [
        f"the {name} of the run answered '{before[name].identity}', now it is '{answer}'"
        for name, answer in now.items()
        if name in before and before[name].identity != answer
    ]
    if others:
        raise BadInput(
            f"other instruments answer than those of the run: {'; '.join(others)}",
            "Connect those of the run, or begin a new run with these",
            file=file,
            field="--bench",
        )
