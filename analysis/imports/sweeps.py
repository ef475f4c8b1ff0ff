"""Where in a table one sweep of the frequency ends and the next begins."""

from collections.abc import Sequence

import numpy as np

from solbench.analysis.imports.spectrum import Array

LEAST_OF_SWEEP = 3  # points between two turns of the frequency; fewer are no sweep


def sweeps(frequency_Hz: Array, labels: Sequence[tuple[str, ...]]) -> list[slice]:
    """Part points where the frequency turns back or starts anew, and where a label changes.

    Labels that number the points are none.

    >>> sweeps(np.array([100.0, 10.0, 1.0, 100.0, 10.0, 1.0]), [()] * 6)
    [slice(0, 3, None), slice(3, 6, None)]
    """
    steps = np.sign(np.diff(frequency_Hz))
    by_label = len({*labels}) * LEAST_OF_SWEEP <= len(labels)
    starts, direction = [0], 0.0
    for place, step in enumerate(steps, 1):
        ahead = next((later for later in steps[place - 1 :] if later), 0.0)
        relabelled = by_label and labels[place] != labels[place - 1]
        if relabelled or (direction and ahead == -direction):
            starts.append(place)
            direction = 0.0
        elif step:
            direction = step
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], len(frequency_Hz)], strict=True)]
