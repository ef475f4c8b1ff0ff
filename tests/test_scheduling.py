"""A worker that dies: its test is not dealt out again, nor are files that were through, and the run ends."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from xdist.remote import Producer

from tests.scheduling import FilesOnce

TESTS = [f"{name}.py::test_{n}" for name in "abc" for n in range(4)]


class Worker:
    """What a scheduler sees of a worker."""

    def __init__(self, name: str) -> None:
        self.gateway = SimpleNamespace(id=name, spec=name)
        self.shutting_down = False
        self.waiting: list[int] = []
        self.batches: list[list[int]] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.batches.append(indices)
        self.waiting += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def scheduler(workers: list[Worker], tests: list[str] = TESTS) -> Any:
    config = SimpleNamespace(
        option=SimpleNamespace(loadscopereorder=False),
        getvalue=lambda name: [f"{len(workers)}*popen"],
        workerinput=None,
    )
    found: Any = FilesOnce(config, Producer("", enabled=False))  # type: ignore[arg-type]
    for worker in workers:
        found.add_node(worker)
        found.add_node_collection(worker, tests)
    found.schedule()
    return found


def step(dealt: Any, worker: Worker) -> None:
    """A worker carries out its next test."""
    dealt.mark_test_complete(worker, worker.waiting.pop(0))


@pytest.mark.parametrize("before", range(12))
def test_every_other_test_runs_once_whenever_a_worker_dies(before: int) -> None:
    """It dies in the test behind `before` of those that were run by turns."""
    first, second = Worker("gw0"), Worker("gw1")
    workers = [first, second]
    dealt = scheduler(workers)
    ran = []
    for n in range(before):
        worker = workers[n % 2] if workers[n % 2].waiting else workers[1 - n % 2]
        ran.append(worker.waiting[0])
        step(dealt, worker)
    if not first.waiting:
        return  # it has ended before
    crashed = TESTS[first.waiting[0]]
    assert dealt.remove_node(first) == crashed
    third = Worker("gw2")
    dealt.add_node(third)
    dealt.add_node_collection(third, TESTS)
    dealt.schedule()
    for worker in (second, third):
        while worker.waiting:
            ran.append(worker.waiting[0])
            step(dealt, worker)
    assert sorted(ran) == [n for n, test in enumerate(TESTS) if test != crashed]
    assert all([*second.batches, *third.batches]), "a worker waits for ever for an empty batch"
    assert dealt.tests_finished


def test_a_worker_that_ends_leaves_nothing() -> None:
    (only,) = workers = [Worker("gw0")]
    dealt = scheduler(workers)
    while only.waiting:
        step(dealt, only)
    assert dealt.remove_node(only) is None
    assert not dealt.workqueue


@pytest.mark.parametrize(("workers", "at_once"), [(1, 0), (2, 1), (3, 1), (4, 2), (8, 4)])
@pytest.mark.parametrize("first", [False, True])
def test_files_that_wait_run_beside_those_that_compute(workers: int, at_once: int, first: bool) -> None:
    """While both kinds are left, half of the workers wait and never more; in the end each test has run."""
    waiting = [f"tests/end_to_end/test_{name}.py::test_{n}" for name in "abcdefgh" for n in range(6)]
    computing = [f"tests/fitting/test_{name}.py::test_{n}" for name in "abcdefghijkl" for n in range(6)]
    tests = [*waiting, *computing] if first else [*computing, *waiting]
    nodes = [Worker(f"gw{n}") for n in range(workers)]
    dealt = scheduler(nodes, tests)
    ran = []
    while any(node.waiting for node in nodes):
        at_work = [tests[node.waiting[0]] for node in nodes if node.waiting]
        if dealt.workqueue and any(name.startswith("tests/fitting") for name in dealt.workqueue):
            assert sum(test.startswith("tests/end_to_end") for test in at_work) <= at_once
        for node in nodes:
            if node.waiting:
                ran.append(tests[node.waiting[0]])
                step(dealt, node)
    assert sorted(ran) == sorted(tests)
