"""What the tests of whole processes hold a charge against, and how long they wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from solbench.acquisition.host.platform import WINDOWS
from tests.end_to_end import served
from tests.end_to_end.served import CURRENT_A, EDGE_LATE_S, ServedBench, TooBusy, again_if_busy, read_until
from tests.pace import Stopwatch

TRUTH = {"closed_host_s": 100.0, "opened_host_s": 106.0, "charge_C": -1e-4}


def require(off_s: float, *late: tuple[float, float]) -> None:
    """Hold a charge that is off by so much time of the current against 0.1 s, with naps that were late."""
    watch = Stopwatch()
    watch._late += late
    bench = ServedBench(Path(), cast(Any, None), {}, cast(Any, None), watch)
    bench.require_charge(TRUTH["charge_C"] + CURRENT_A * off_s, 0.1, TRUTH)


@pytest.mark.parametrize(
    ("off_s", "late"),
    [
        (0.099, ()),
        (0.139, ((100.1, 0.04),)),
        (0.179, ((100.1, 0.04), (105.9, 0.04))),
        (0.159, ((100.2, 2.0),)),
    ],
)
def test_a_charge_may_be_off_by_what_an_edge_was_late(off_s: float, late: tuple[tuple[float, float], ...]):
    require(off_s, *late)


@pytest.mark.parametrize(
    ("off_s", "late"), [(0.101, ()), (0.101, ((103.0, 2.0), (99.0, 0.5))), (0.141, ((100.1, 0.04),))]
)
def test_naps_elsewhere_allow_nothing(off_s: float, late: tuple[tuple[float, float], ...]):
    with pytest.raises(AssertionError) as failed:
        require(off_s, *late)
    assert not isinstance(failed.value, TooBusy)


def test_what_a_busy_machine_has_spoilt_is_tried_once_more(tmp_path: Path):
    folders: list[Path] = []

    @again_if_busy
    def spoilt(tmp_path: Path) -> None:
        folders.append(tmp_path)
        require(0.1 + 1.1 * EDGE_LATE_S, (106.1, 0.5))

    with pytest.raises(TooBusy, match="too busy"):
        spoilt(tmp_path)
    assert folders == [tmp_path, tmp_path / "again"]


@pytest.mark.skipif(WINDOWS, reason="a pipe cannot be waited for there with a limit")
def test_a_program_that_says_nothing_is_not_waited_for_longer_than_it_may_take(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(served, "LONGEST_RUN_S", 0.2)
    command = [sys.executable, "-S", "-c", "import time; time.sleep(3600)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as silent:
        with pytest.raises(AssertionError):
            read_until(silent, 1)
        assert silent.poll() is None
        silent.kill()
