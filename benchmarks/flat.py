"""Whether a sample costs the same at the end of a long journal as in a short one: `python -m benchmarks.flat [1e7]`.

Journals with 1e4, 1e5, 1e6 samples, below so many, and with so many are written first, by appending. Then each takes a
short block of samples in turn, many times, so that whatever the PC does meanwhile meets all of them alike. A cost is
the processor time of a block; what a block costs over the shortest journal's block of the same round is told by its
median, with the bounds between which the true median lies in 95 of 100 cases (order statistics). Ends with 1 where
these bounds do not lie within a tenth of 1. With ten million samples it takes a minute and a half on an idle core, and
2 GB of disk.
"""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from solbench.acquisition.record.events import Sample
from solbench.acquisition.record.journal import Journal

SHORTEST = 10_000
MOST = 10_000_000
ROUNDS, BLOCK = 201, 400  # samples: 2 ms, which nothing interrupts for long
WITHIN = 0.1


class Growing:
    """A journal that has `count` samples, and hardly more: a short one is begun anew before it has twice as many."""

    def __init__(self, folder: Path, count: int) -> None:
        self.count = count
        self._path = folder / f"{count}.journal"
        self._begin()

    def _begin(self) -> None:
        self._path.unlink(missing_ok=True)
        self._journal = Journal.create(self._path)
        self._samples = 0
        self._append(self.count)
        os.fsync(self._journal.descriptor)  # what is left to write would be written in the blocks

    def _append(self, count: int) -> None:
        journal, first = self._journal, self._samples
        for n in range(first, first + count):
            body = Sample(
                step=1,
                segment=1,
                voltage_V=0.9 - 1.3e-8 * n,
                current_A=-1.6e-4 * (1.0 + 1e-9 * n),
                charge_C=-1.2e-4 * n,
                range=4,
            )
            journal.append(1.0 * n, body)
        self._samples = first + count

    def block_us(self) -> float:
        """Append a block; return what a sample of it cost (us of processor time)."""
        if self._samples + BLOCK > 2 * self.count:
            self.close()
            self._begin()
        begun_ns = time.process_time_ns()
        self._append(BLOCK)
        return 1e-3 * (time.process_time_ns() - begun_ns) / BLOCK

    def close(self) -> None:
        """Close it."""
        self._journal.close()


def lengths(most: int) -> list[int]:
    """Return the numbers of samples that are compared: the powers of ten from the shortest on, and the most itself."""
    counts = [SHORTEST]
    while 10 * counts[-1] < most:
        counts.append(10 * counts[-1])
    return [*counts, most]


def costs(most: int, folder: Path) -> dict[int, list[float]]:
    """Return what a sample costs (us) behind so many others, by their number: a value a round."""
    journals = [Growing(folder, count) for count in lengths(most)]
    found: dict[int, list[float]] = {journal.count: [] for journal in journals}
    for _ in range(ROUNDS):
        for journal in random.sample(journals, len(journals)):  # none is always behind the same one
            found[journal.count].append(journal.block_us())
    for journal in journals:
        journal.close()
    return found


def middle(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the median of values, and the bounds of 95 % of the median of what they were drawn from."""
    ranked, n = sorted(values), len(values)
    reach = math.ceil(1.96 * math.sqrt(n) / 2.0)
    return median(ranked), ranked[max(n // 2 - reach, 0)], ranked[min(n // 2 + reach, n - 1)]


def times_shortest(found: dict[int, list[float]]) -> dict[int, tuple[float, float, float]]:
    """Return what a sample costs behind so many, over one of the shortest journal in the same round (`middle`)."""
    return {
        count: middle([one / other for one, other in zip(own, found[SHORTEST], strict=True)])
        for count, own in found.items()
    }


def main() -> None:
    """Measure, and say it."""
    most = int(float(sys.argv[1])) if len(sys.argv) > 1 else MOST
    if most <= SHORTEST:
        sys.exit(
            f"{most} samples are no more than those of the shortest journal, {SHORTEST}: name a larger number"
        )
    with tempfile.TemporaryDirectory() as folder:
        found = costs(most, Path(folder))
    flat = True
    for count, (ratio, low, high) in times_shortest(found).items():
        cost = f"{median(found[count]):.3f} us, least {min(found[count]):.3f} us"
        print(
            f"behind {count:.3g} samples: {cost}; {ratio:.3f} ({low:.3f} to {high:.3f}) of one behind {SHORTEST:.3g}"
        )
        flat = flat and low > 1.0 - WITHIN and high < 1.0 + WITHIN
    print("flat within 10 %" if flat else "not shown to be flat within 10 %")
    sys.exit(0 if flat else 1)


if __name__ == "__main__":
    main()
