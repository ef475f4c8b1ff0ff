"""The stopwatch counts what a block waits for, and not what the machine takes away from it."""

from __future__ import annotations

import threading
import time

import pytest

from solbench.acquisition.host.platform import host_s
from tests.pace import Stopwatch, cpu_s, relative_cost


def test_waiting_counts() -> None:
    with Stopwatch() as watch:
        time.sleep(0.2)
    assert watch.host_s >= 0.2
    assert watch.elapsed_s <= watch.host_s


def test_a_machine_that_stands_still_does_not_count() -> None:
    with Stopwatch() as watch:
        time.sleep(0.05)
        watch._stolen_s += 10.0  # as after a suspend
    assert watch.elapsed_s == 0.0


def test_a_turn_that_comes_late_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, began_s = threading.Event(), host_s()

    def held(seconds: float) -> bool:
        time.sleep(seconds + (0.0 if begun.is_set() else 0.1))
        begun.set()
        return False

    with Stopwatch() as watch:
        monkeypatch.setattr(watch._over, "wait", held)
        begun.wait(10.0)
        time.sleep(0.05)
        monkeypatch.undo()
    assert watch.latest_s(began_s, host_s()) >= 0.1 - 0.005
    assert watch.latest_s(began_s - 2.0, began_s - 1.0) == 0.0


def test_waiting_for_a_turn_costs_no_processor() -> None:
    assert cpu_s(lambda: time.sleep(0.2)) < 0.1


def test_ten_times_the_work_costs_more() -> None:
    little, much = range(20_000), range(200_000)
    assert relative_cost(lambda: sum(much), 3) > 3.0 * relative_cost(lambda: sum(little), 3)
