"""Whether a run that is continued has the instruments before it with which it was begun."""

from collections.abc import Mapping

from solbench.acquisition.record.events import Instrument
from solbench.protocols.errors import BadInput


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
