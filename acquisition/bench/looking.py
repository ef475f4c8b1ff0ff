"""Looking at instruments without disturbing who uses them: what looks takes the same locks as what drives."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from solbench.acquisition.bench.bench_lock import (
    BenchLock,
    BenchTaken,
    Holder,
    board_of,
    holders,
    this_holder,
)

OTHERS_LOOK_S = 10.0  # so long another look is waited for
PAUSE_S = 0.05


@contextmanager
def looking_at(places: Sequence[str], bench_key: str = "", bench: str = "") -> Iterator[None]:
    """Have some places alone while somebody looks; raises BenchTaken where a run has one of them.

    No guardian is asked to hand over for a look.
    """
    lock = BenchLock(places, this_holder(bench_key, bench, "look"))
    until = time.monotonic() + OTHERS_LOOK_S
    while not lock.acquire():
        holder = lock.holder()
        if (holder is not None and holder.deed == "run") or time.monotonic() > until:
            raise BenchTaken(holder)
        time.sleep(PAUSE_S)
    try:
        yield
    finally:
        lock.release()


def gpib_in_use() -> Holder | None:
    """Return a run that drives instruments on a GPIB board of this PC: listing what is there would disturb its bus."""
    boards = ((one, board_of(place)) for one in holders() if one.deed == "run" for place in one.places)
    return next((one for one, board in boards if board.startswith("GPIB")), None)
