"""`solbench commission --guided`: what is said and heard, with the procedure behind it."""

import json
import queue
import threading

import pytest
from pydantic import BaseModel

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.commissioning.record import CommissioningRecord
from solbench.acquisition.commission.itself import ByItself
from solbench.acquisition.commission.messages import HEARD, SAID, Answered, MountAsked, NumberAsked, StepDone
from solbench.acquisition.commission.procedure import Plan, carry_out
from solbench.acquisition.control.run_control import RunControl
from solbench.cli.guided import ByLines, done, planned
from solbench.drivers.clock import Interrupted
from tests.acquisition.commission.specimens import simulated, specimen


class Person:
    """Answers what is asked by `answer`; whatever it returns goes down the line as it is."""

    def __init__(self, answer) -> None:
        self.said: list[BaseModel] = []
        self._answer = answer
        self._bytes: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read(self) -> bytes:
        return self._bytes.get()

    def hear(self, message: BaseModel) -> None:
        self.said.append(SAID.validate_json(message.model_dump_json()))  # as the other end reads it
        if isinstance(message, MountAsked | NumberAsked):
            for piece in self._answer(message):
                self._bytes.put(piece)


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def guided(unit: int, plan: Plan, answer) -> tuple[Person, CommissioningRecord | None, bool, object]:
    person, run_control, kept = Person(answer), RunControl(), []
    with specimen(unit, run_control.poll) as bench:
        by_lines = ByLines(run_control, person.read, person.hear)
        by_lines.itself = ByItself(bench, by_lines.tell)
        run_control.begin()
        stopped = ""
        try:
            carry_out(bench, by_lines, plan, kept.append)
        except Interrupted as interrupted:
            stopped = interrupted.reason
        is_on = simulated(bench).truth.polarized
    person._bytes.put(b"")
    for thread in threading.enumerate():
        if thread.name == "answers":
            thread.join(60.0)
    return person, kept[-1] if kept else None, is_on, stopped


def yes(asked: MountAsked | NumberAsked) -> list[bytes]:
    if isinstance(asked, NumberAsked):
        return [line(kind="answer", id=asked.id, number=asked.shown)]
    return [line(kind="answer", id=asked.id, mounted=True)]


def test_what_a_person_says_carries_the_steps_out_and_the_values_are_those_of_the_record():
    plan = Plan("E. Example", only=("A", "B", "C"))
    person, record, is_on, _ = guided(11, plan, yes)
    assert record is not None
    assert {step: one.outcome for step, one in record.steps.items()} == dict.fromkeys("ABC", "passed")
    assert not is_on
    asked = [said for said in person.said if isinstance(said, MountAsked)]
    assert [(one.step, one.clamping) for one in asked] == [("B", "part"), ("B", "emf"), ("C", "emf")]
    assert all(one.cost for one in asked)
    assert "zero of the voltmeter" in {value.name for value in done("B", record.steps["B"], record).values}
    whole = planned(Plan("", before=record), BenchFile(name="b", kind="simulated"), "b.json")
    assert [one.to_do for one in whole.steps] == [False] * 3 + [True] * 8
    assert whole.steps[1].values == done("B", record.steps["B"], record).values
    assert all(one.passes and one.cost for one in whole.steps)


def test_a_part_that_is_not_at_hand_leaves_its_step_out():
    def missing(asked):
        return [line(kind="answer", id=asked.id, mounted=False)]

    _, record, _, _ = guided(3, Plan("E. Example", only=("A", "C")), missing)
    assert record is not None
    assert record.steps["C"].outcome == "left_out"
    assert not done("C", record.steps["C"], record).values


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ([line(kind="stop")], "stopped by the user"),
        ([b"no JSON\n", b'{"kind": "answer", "id": 77, "mounted": true}\n', line(kind="stop")], "stopped by"),
        ([b""], "nobody listens"),
        ([line(kind="stop")[:7], line(kind="stop")[7:]], "stopped by the user"),
    ],
)
def test_a_stop_or_the_end_of_the_line_leaves_the_cell_off_whatever_came_before(says, reason):
    _, record, is_on, stopped = guided(5, Plan("E. Example", only=("A", "C")), lambda asked: says)
    assert reason in stopped
    assert not is_on
    assert record is not None
    assert record.steps["A"].outcome == "passed"
    assert "C" not in record.steps


def test_messages_are_refused_unless_they_are_whole():
    assert HEARD.validate_json(line(kind="answer", id=1, mounted=True)) == Answered(id=1, mounted=True)
    for wrong in (line(kind="answer"), line(kind="answer", id=1, mounted=True, more=1), b'{"kind": "go"}'):
        with pytest.raises(ValueError, match="validation error"):
            HEARD.validate_json(wrong)
    assert isinstance(
        SAID.validate_json(StepDone(step="A", outcome="passed", remark="", values=()).model_dump_json()),
        StepDone,
    )
