"""How a run ended, as text: one place asks whether it has ended at all."""

from solbench.acquisition.control.registry import entries
from solbench.acquisition.errors import UNEXPECTED_EXIT
from solbench.acquisition.record.events import RunEnd
from solbench.acquisition.record.journal import Damage
from solbench.acquisition.record.reader import Run


def end_words(run: Run) -> str:
    """Return the reason of a run's end; of one without an end whether it is still running, by the registry."""
    return words_of(run.header.run, run.end, run.damage)


def words_of(run_id: str, end: RunEnd | None, damage: Damage | None = None) -> str:
    """Return the same for a run known by its id and its last record, None where that is no end."""
    damaged = damage.words if damage is not None else ""
    cure = damage.told if damage is not None else ""
    if end is not None:
        return f"{end.reason}; but {cure}" if cure else end.reason
    going_on = goes_on(run_id)
    if going_on is None:
        return cure or UNEXPECTED_EXIT
    still = f"the run is still running (process {going_on})"
    return f"{still}, and {damaged}" if damaged else still


def goes_on(run_id: str) -> int | None:
    """Return the process number of the engine that carries out a run now, None if there is none."""
    return next((entry.pid for entry in entries() if entry.run == run_id and entry.alive), None)
