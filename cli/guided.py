"""Whoever mounts the parts is spoken to in JSON lines: the window, or another program."""

import os
import queue
import threading
from collections.abc import Callable

from pydantic import BaseModel, ValidationError

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.commissioning.record import (
    NAMES,
    CommissioningRecord,
    Step,
    StepRecord,
)
from solbench.acquisition.commission.itself import ByItself
from solbench.acquisition.commission.messages import (
    HEARD,
    LONGEST_LINE,
    Answered,
    Begun,
    MountAsked,
    NumberAsked,
    Planned,
    Shown,
    StepDone,
    StepLine,
    Stopping,
    Told,
    ValueLine,
)
from solbench.acquisition.commission.parts import Mounting
from solbench.acquisition.commission.procedure import NEEDS, Plan
from solbench.acquisition.commission.told import COSTS, PASSES, PASSES_OF_OTHERS, found_by
from solbench.acquisition.control.run_control import RunControl
from solbench.cli.output import print_json
from solbench.drivers.clock import HOST_SLICE_S

GONE = "stopped, because nobody listens any more"
ASKED = "stopped by the user"


def read_stdin() -> bytes:
    """Return what has come on stdin, past Python's buffers: a thread that waits in those hinders the way out."""
    return os.read(0, LONGEST_LINE)


class ByLines:
    """Asks in JSON lines on stdout, and takes the answers that are read; a stop there, or the end, stops `run_control`.

    `read` returns some bytes of the answers, none at their end. `itself` mounts on a simulated bench, once a person has
    said so; None of a real one.
    """

    def __init__(
        self,
        run_control: RunControl,
        read: Callable[[], bytes] = read_stdin,
        say: Callable[[BaseModel], None] = print_json,
    ) -> None:
        self._run_control = run_control
        self._say = say
        self._answers: queue.SimpleQueue[Answered] = queue.SimpleQueue()
        self._asked = 0
        self.itself: ByItself | None = None
        threading.Thread(target=self._listen, args=(read,), name="answers", daemon=True).start()

    def begin(self, step: Step) -> None:
        """Say which step begins."""
        self._say(Begun(step=step))

    def mount(self, mounting: Mounting) -> bool:
        """Ask for a part, and wait for the word that it is there."""
        self._asked += 1
        plus, minus = mounting.ends
        self._say(
            MountAsked(
                id=self._asked,
                step=mounting.step,
                part=mounting.part.name,
                words=mounting.words,
                clamping=mounting.part.clamping,
                plus=plus,
                minus=minus,
                cost=mounting.cost,
                leads=mounting.leads,
                terminals=mounting.terminals,
            )
        )
        is_mounted = self._answer().mounted
        if is_mounted and self.itself is not None:
            return self.itself.mount(mounting)
        return is_mounted

    def number(self, question: str, unit: str) -> float | None:
        """Ask for a number; none is an answer, too."""
        self._asked += 1
        shown = self.itself.number(question, unit) if self.itself is not None else None
        self._say(NumberAsked(id=self._asked, question=question, unit=unit, shown=shown))
        return self._answer().number

    def show(self, text: str) -> None:
        """Say what was just measured."""
        self._say(Shown(text=text))

    def tell(self, text: str) -> None:
        """Say it."""
        self._say(Told(text=text))

    def _answer(self) -> Answered:
        """Wait for the answer to the last question; the guardian is told meanwhile that this program lives."""
        while True:
            self._run_control.poll()
            try:
                answer = self._answers.get(timeout=HOST_SLICE_S)
            except queue.Empty:
                continue
            if answer.id == self._asked:
                return answer

    def _listen(self, read: Callable[[], bytes]) -> None:
        """Take answers; a line that is none is passed over, for a stop behind it must count."""
        text = b""
        while data := read():
            *lines, text = (text + data).split(b"\n")
            for line in lines:
                self._hear(line)
            text = text[:LONGEST_LINE]
        self._run_control.request(GONE)

    def _hear(self, line: bytes) -> None:
        try:
            heard = HEARD.validate_json(line)
        except ValidationError:
            return
        if isinstance(heard, Stopping):
            self._run_control.request(ASKED)
        else:
            self._answers.put(heard)


def planned(plan: Plan, bench: BenchFile, record: str) -> Planned:
    """Return all steps as they stand before a plan is carried out."""
    before = plan.before
    steps = before.steps if before is not None else {}
    lines = []
    passes = PASSES if bench.model == "solartron" else PASSES_OF_OTHERS
    for step in plan.applies:
        known = steps.get(step)
        lines.append(
            StepLine(
                step=step,
                name=NAMES[step],
                outcome=known.outcome if known is not None else None,
                remark=known.remark if known is not None else "",
                passes=passes[step],
                cost=COSTS[step],
                needs=NEEDS.get(step, ()),
                to_do=step in plan.steps,
                values=_lines(step, before) if before is not None and known is not None else (),
            )
        )
    return Planned(bench=bench.name, record=record, simulated=bench.is_simulated, steps=tuple(lines))


def done(step: Step, known: StepRecord, record: CommissioningRecord) -> StepDone:
    """Return how a step ended, with what the record holds of it now."""
    values = _lines(step, record) if known.outcome == "passed" else ()
    return StepDone(step=step, outcome=known.outcome, remark=known.remark, values=values)


def _lines(step: Step, record: CommissioningRecord) -> tuple[ValueLine, ...]:
    return tuple(ValueLine(name=one.name, text=one.text) for one in found_by(step, record.values))
