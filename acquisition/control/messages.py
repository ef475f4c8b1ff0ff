"""What goes over a control channel: JSON lines, checked on both sides."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from solbench.acquisition.control.verbs import State, Verb

LONGEST_LINE = 65536  # bytes; a longer line is not a message of this protocol


class Message(BaseModel):
    """Base: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Hello(Message):
    """First line of a client: the token of the run's registry file and the client's version."""

    token: str
    version: str


class SpectrumRequest(Message):
    """How a requested spectrum differs from the protocol's own: quantities with units, "" as there.

    `rest` before it, `start` and `stop` of the frequencies, `amplitude` rms.
    """

    rest: str = Field(default="", max_length=60)
    start: str = Field(default="", max_length=60)
    stop: str = Field(default="", max_length=60)
    amplitude: str = Field(default="", max_length=60)


class ManualRequest(Message):
    """What a person sets by hand in a manual step: quantities with units, "" where they are not said.

    `do`: `hold` a `current` or a `voltage` (this one with a `current_limit`) for a `time`, or until the `capacity` or,
    of a current, the `until_voltage`; switch the cell `off`; or `finish` the step. `then_finish`: the step ends with
    what is held.
    """

    do: Literal["hold", "off", "finish"] = "hold"
    current: str = Field(default="", max_length=60)
    voltage: str = Field(default="", max_length=60)
    current_limit: str = Field(default="", max_length=60)
    time: str = Field(default="", max_length=60)
    capacity: str = Field(default="", max_length=60)
    until_voltage: str = Field(default="", max_length=60)
    then_finish: bool = False


class ChangeRequest(Message):
    """Values of one step that become others while the run is under way.

    `step`: its name, or its path in the protocol; "" for the present one. `settings` are "FIELD=VALUE" with the fields
    of the step, `null` for none; without any, those that it has are told. `only_check`: nothing is changed, and what
    would happen is told.
    """

    step: str = Field(default="", max_length=400)
    settings: list[Annotated[str, Field(max_length=1000)]] = Field(default=[], max_length=50)
    only_check: bool = False


class Ask(Message):
    """A verb, a note for the file, the status, or all news from now on (`subscribe`).

    `wish` for a spectrum, `manual` for what is set by hand, `change` of a step.
    """

    id: int
    ask: Verb | Literal["status", "subscribe", "note"]
    text: str = Field(default="", max_length=10_000)
    wish: SpectrumRequest | None = None
    manual: ManualRequest | None = None
    change: ChangeRequest | None = None


class Reply(Message):
    """The answer to an `Ask`; `request`, unless 0, is the number of its `Outcome` in a later `Status`."""

    id: int
    accepted: bool
    text: str
    state: State
    request: int = 0


class Outcome(Message):
    """What became of an accepted request: whether it was done, and that as text."""

    request: int
    done: bool
    text: str


class Status(Message):
    """One picture of a run. SI units; `flushed_seq`: all records below it are in the live file.

    `searching_since`: UTC time (ISO 8601) since which lost instruments are looked for, "" while they answer.
    `outcomes`: of the last requests.
    """

    kind: Literal["status"] = "status"
    run: str
    path: str
    state: State
    simulated: bool
    seq: int
    flushed_seq: int
    samples: int
    time_s: float
    step: str = ""
    step_index: int = -1
    segment: str = ""
    cycle: int | None = None
    voltage_V: float | None = None
    current_A: float | None = None
    step_charge_C: float = 0.0
    connected: bool = False
    searching_since: str = ""
    alarms: list[str] = []
    end_reason: str | None = None
    outcomes: list[Outcome] = []


class EventNews(Message):
    """An event other than a sample; `missed` says that earlier ones were dropped for this client."""

    kind: Literal["event"] = "event"
    event: dict[str, Any]
    missed: bool = False
