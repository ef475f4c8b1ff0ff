"""The current after a step of voltage: what is kept of it, and whose samples it takes."""

import numpy as np
import pytest

from solbench.acquisition.record.columns import SAMPLE
from solbench.gui.models.run.transient import A_DECADE, Transient, begin_transient, end_transient


def rows(times_s, currents_A):
    made = np.zeros(len(times_s), SAMPLE)
    made["time_s"], made["current_A"] = times_s, currents_A
    return made


def test_days_of_readings_are_kept_evenly_in_decades_with_the_newest() -> None:
    times_s = 100.0 + np.arange(0.5, 200_000.0, 1.0)
    currents_A = 1e-6 / (times_s - 100.0)
    transient = Transient(0.05, 100.0)
    for part in np.array_split(rows(times_s, currents_A), 40):
        transient.add(part)
    x, y = transient.points
    assert len(x) < 6 * A_DECADE
    assert np.all(np.diff(x[:-1]) > 0)
    assert x[-1] == times_s[-1] - 100.0
    assert np.allclose(y, 1e-6 / x)
    for low in (1.0, 10.0, 100.0, 1000.0, 10_000.0):
        assert np.count_nonzero((x >= low) & (x < 10 * low)) >= 9


def test_each_sign_takes_its_own_samples_and_the_zero_takes_none() -> None:
    transients = begin_transient([], 0.0, 0.0)
    assert transients == []
    transients = begin_transient(transients, 0.05, 10.0)
    transients = begin_transient(transients, -0.05, 20.0)
    end_transient(transients, 30.0)
    samples = rows(np.arange(0.5, 40.0), np.arange(0.5, 40.0))
    for each in transients:
        each.add(samples)
    assert [each.points[1][[0, -1]].tolist() for each in transients] == [[10.5, 19.5], [20.5, 29.5]]
    transients = begin_transient(transients, 0.05, 50.0)
    assert [each.end_s for each in transients[:2]] == [20.0, 30.0]


@pytest.mark.parametrize("samples", [rows([], []), rows([5.0], [1.0])])
def test_nothing_of_its_own_changes_nothing(samples) -> None:
    transient = Transient(0.05, 10.0)
    transient.add(samples)
    assert transient.version == 0
