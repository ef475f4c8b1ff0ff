"""What is said between `solbench commission --guided` and whoever mounts the parts: JSON lines, checked on both sides.

The command says `Planned` first, then `Begun`, `Asked`, `Shown`, `Told` and `Done` as they come, and `Over` at the end.
It takes `Answered` for each question, and `Stopping` at any time. An end of its input means the same as `Stopping`.
"""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, TypeAdapter

from solbench.acquisition.bench.commissioning.record import Outcome, Step
from solbench.acquisition.commission.parts import OF_1287, PAIR, LeadsOf, Terminals

LONGEST_LINE = 65536  # bytes; a longer line is no message


class Message(BaseModel):
    """Base: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ValueLine(Message):
    """A value that was found, with its unit and its standard uncertainty, as text."""

    name: str
    text: str


class StepLine(Message):
    """One step as it stands in the record: `outcome` None while it was never carried out.

    `passes` says within what it passes, `cost` what it costs to leave it out, `needs` the steps without which it is
    left out, `to_do` whether it is carried out now; `values` are those found before.
    """

    step: Step
    name: str
    outcome: Outcome | None
    remark: str
    passes: str
    cost: str
    needs: tuple[Step, ...]
    to_do: bool
    values: tuple[ValueLine, ...] = ()


class Planned(Message):
    """All steps as they stand when the procedure begins, and the file of the record."""

    kind: Literal["planned"] = "planned"
    bench: str
    record: str
    simulated: bool
    steps: tuple[StepLine, ...]


class Begun(Message):
    """A step begins."""

    kind: Literal["begun"] = "begun"
    step: Step


class MountAsked(Message):
    """A part is to be mounted, with the cell off; the answer is `mounted`, or `missing` where it is not at hand.

    `clamping`: how; `plus` and `minus`: the leads at the ends of a dry cell. `cost`: what it costs to leave it out.
    `leads`: between those of the 1287, or those of the 1260 on a sample of its own. `terminals`: what the leads of the
    instrument that holds the cell are called, what drives and what senses at one end, then at the other.
    """

    kind: Literal["mount"] = "mount"
    id: int
    step: Step
    part: str
    words: str
    clamping: Literal["part", "emf", "nothing"]
    plus: str
    minus: str
    cost: str
    leads: LeadsOf = PAIR
    terminals: Terminals = OF_1287


class NumberAsked(Message):
    """A person is to read a number from an instrument of their own; the answer is `number`, null where there is none.

    `shown`: what a simulated one shows, null of a real bench.
    """

    kind: Literal["number"] = "number"
    id: int
    question: str
    unit: str
    shown: FiniteFloat | None = None


class Shown(Message):
    """What was just measured, for somebody who watches."""

    kind: Literal["shown"] = "shown"
    text: str


class Told(Message):
    """How it goes, in words."""

    kind: Literal["told"] = "told"
    text: str


class StepDone(Message):
    """A step ended; the record is written."""

    kind: Literal["done"] = "done"
    step: Step
    outcome: Outcome
    remark: str
    values: tuple[ValueLine, ...]


class Over(Message):
    """The procedure has ended and the bench is safe.

    `lacks_direct`, `lacks_spectra`: the steps that are missing for each; `stopped`: why it was stopped, "" if it was
    not; `ends`: until when the record holds.
    """

    kind: Literal["over"] = "over"
    record: str
    lacks_direct: tuple[Step, ...]
    lacks_spectra: tuple[Step, ...]
    standing: str
    ends: AwareDatetime | None = None
    stopped: str = ""


Said = Annotated[
    Planned | Begun | MountAsked | NumberAsked | Shown | Told | StepDone | Over, Field(discriminator="kind")
]
SAID: TypeAdapter[Said] = TypeAdapter(Said)


class Answered(Message):
    """The answer to the question of this `id`."""

    kind: Literal["answer"] = "answer"
    id: int
    mounted: bool = False
    number: FiniteFloat | None = None


class Stopping(Message):
    """Stop: the bench is made safe, and what was carried out is kept."""

    kind: Literal["stop"] = "stop"


Heard = Annotated[Answered | Stopping, Field(discriminator="kind")]
HEARD: TypeAdapter[Heard] = TypeAdapter(Heard)
