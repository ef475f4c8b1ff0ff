"""Commissioning in a program of its own on a served bench: whatever ends it, the part is off."""

import signal
import sys
import time

import pytest

from solbench.acquisition.bench.bench_file import load_bench
from tests.end_to_end.programs import started
from tests.end_to_end.served import ServedBench, served_bench, wait_until_off


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with served_bench(tmp_path_factory.mktemp("served"), "--speed", "10") as bench:
        yield bench


def start_and_wait_until_on(bench: ServedBench, steps: str):
    process = started(
        bench.folder,
        ["commission", str(bench.bench), "--by", "A. Tester", "--only", steps, "--json"],
        bench.environment,
    )
    until = time.monotonic() + 30.0
    while not bench.control.truth()["polarized"] and time.monotonic() < until:
        time.sleep(0.01)
    assert bench.control.truth()["polarized"]
    return process


def test_a_killed_program_leaves_the_part_to_its_guardian_and_what_was_done_in_the_record(bench):
    process = start_and_wait_until_on(bench, "A,C")
    process.kill()
    process.wait(timeout=60.0)
    process.stdout.close()
    process.stderr.close()
    assert not wait_until_off(bench, 2.0)["polarized"]
    record = load_bench(str(bench.bench))[0].record
    assert record is not None
    assert {step: one.outcome for step, one in record.record.steps.items()} == {"A": "passed"}


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process there")
def test_ctrl_c_switches_the_part_off_and_says_where_the_record_is(bench):
    process = start_and_wait_until_on(bench, "A,C")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60.0)
    assert process.wait() == 1
    assert "the bench is safe" in err
    assert not bench.control.truth()["polarized"]
