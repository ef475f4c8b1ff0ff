"""Records of a program's part of a run: its beginning and end, and what happened to it on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from solbench.acquisition.record.bodies.compared import ComparisonCode
from solbench.acquisition.record.bodies.header import BenchText, CommissioningText
from solbench.acquisition.record.bodies.segment import EndQuantity
from solbench.acquisition.record.codec import OMITTED
from solbench.drivers.links.usb_identity import UsbIdentity
from solbench.protocols.corrections.field_change import FieldChange

RunOutcome = Literal["completed", "skipped", "cut_short", "limit", "interrupted", "fault"]
PausedBy = Literal["user", "program"]
AlarmCode = Literal[
    "",
    "connection_lost",
    "measuring",
    "reply_refused",
    "command_refused",
    "not_verified_off",
    "settings_lost",
    "storage",
    "current_not_reached",
    "other_instruments",
    "outside_window",
    "unwatched_charge",
    "interrupted_often",
    "voltage_not_reached",
    "direction_wrong",
    "not_idle",
    "spectrum_not_measured",
    "resistance_negative",
    "amplitude_not_reached",
    "readings_disagree",
    "limit_unconfirmed",
    "readings_stuck",
    "current_jumped",
    "disk_full",
    "guardian_lost",
    "journal_gone",
    "on_in_pause",
    "paused_cell_changed",
    "settings_changed",
    "spectrum_inconsistent",
    "prompt",
    "chamber_sensor_lost",
    "chamber_silent",
    "chamber_too_hot",
    "chamber_left",
    "chamber_set_point",
    "chamber_refused",
    "chamber_not_steady",
    ComparisonCode,
]
SEARCHING: frozenset[AlarmCode] = frozenset(
    {"connection_lost", "measuring", "reply_refused", "command_refused", "not_verified_off"}
)
"""Alarms that last until the instruments were found again: nobody watches the cell meanwhile."""
GapCause = Literal[
    "connection",
    "no_reply",
    "bad_reply",
    "settings",
    "asleep",
    "program",
    "by_hand",
    "stuck",
    "jumped",
    "unread",
    "scale",
    "foreign",
]
IN_DOUBT: frozenset[GapCause] = frozenset({"stuck", "jumped", "unread", "scale", "foreign"})
"""Causes of a gap in which the instruments answered, and the charge is in doubt all the same."""
Rung = Literal["device_clear", "reopen", "set_up"]
NoteCode = Literal["", "user", "spectrum_refused", "spectrum_not_measured", "dialogue", "pressure"]
CheckCode = Literal[
    "",
    "voltage_in_window",
    "voltage_of_another_state",
    "voltage_outside_window",
    "voltage_leads_swapped",
    "voltage_overload",
    "voltage_as_its_history",
    "voltage_contradicts_history",
    "voltage_steady",
    "voltage_lead_open",
    "current_none",
    "current_flows",
]
Parameters = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One instrument as it answered: identity, address, settings as read back."""

    model: str
    identity: str
    address: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart:
    """A program's part of the run begins.

    `session`: counts them from 1
    `wall`: time of day, ISO 8601
    `instruments`: identity, address and settings as read back, of each
    `gap_charge_C`: what flowed after a program that died
    `by_guardian`: whether a guardian had switched off
    `bytes_cut`: of a torn last record
    `bench`: name and text of the bench file, where it is another one than before
    `usb`: which USB device was at each port that the bench file names (vendor, product, serial number)
    `commissioning`: the commissioning record in use (`name` and `text` of its file), where the bench has one
    `unit`: which specimen a simulated bench was, as it said itself
    `not_commissioned`: true where the bench is not known well enough for conclusions from its spectra
    """

    kind: ClassVar[Literal["session"]] = "session"
    when: ClassVar[str] = "a program begins or resumes"
    session: int
    wall: str
    instruments: Mapping[str, Instrument]
    gap_charge_C: float
    by_guardian: bool
    bytes_cut: int
    command_line: tuple[str, ...]
    bench: BenchText | None = field(default=None, metadata=OMITTED)
    usb: Mapping[str, UsbIdentity] | None = field(default=None, metadata=OMITTED)
    commissioning: CommissioningText | None = field(default=None, metadata=OMITTED)
    unit: str = field(default="", metadata=OMITTED)
    not_commissioned: bool = field(default=False, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One line of the start check; `code` and its `parameters` (SI) are the same for programs."""

    name: str
    passed: bool
    text: str
    code: CheckCode = field(default="", metadata=OMITTED)
    parameters: Parameters | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheck:
    """The cell was read before anything was switched on.

    `findings`: list of `name`, `passed`, `text`, `code`?, `parameters`?
    """

    kind: ClassVar[Literal["start_check"]] = "start_check"
    when: ClassVar[str] = "before the first step"
    findings: tuple[CheckLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paused:
    """The run waits, the cell is off.

    `by`: user or program
    """

    kind: ClassVar[Literal["paused"]] = "paused"
    when: ClassVar[str] = "a pause begins"
    reason: str
    by: PausedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """The pause is over."""

    kind: ClassVar[Literal["resumed"]] = "resumed"
    when: ClassVar[str] = "a pause is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolChanged:
    """Steps of the protocol are others from a segment on.

    `by`: who changed them
    `ordinal`: place in the plan of the first segment that is planned by the changed protocol
    `step`: index of the step in progress, null before the first
    `changes`: each with `path` (as a setting of the protocol), and its text `before` and `after`, null for none
    `wall`: ISO 8601
    `goes_on_at`: place in the plan of the next segment that begins; states before it that were passed are left out
    """

    kind: ClassVar[Literal["changed"]] = "changed"
    when: ClassVar[str] = "steps are changed during the run"
    by: str
    ordinal: int
    step: int | None
    changes: tuple[FieldChange, ...]
    wall: str
    goes_on_at: int

    @property
    def words(self) -> str:
        """Get what was changed in words."""
        return "; ".join(change.words for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped:
    """A step was left out on request."""

    kind: ClassVar[Literal["skip"]] = "skip"
    when: ClassVar[str] = "a step is left out on request"
    step: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnected:
    """The instruments answer again, the cell is off, and they are set up.

    `cause`: what went wrong: connection, no_reply, bad_reply, settings or asleep
    `rungs`: how often each was tried: device_clear, reopen, set_up
    `port`: of the adapter, where that is another one than before
    """

    kind: ClassVar[Literal["reconnected"]] = "reconnected"
    when: ClassVar[str] = "the instruments were found again"
    cause: GapCause = field(default="connection", metadata=OMITTED)
    rungs: Mapping[Rung, int] | None = field(default=None, metadata=OMITTED)
    port: str = field(default="", metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Nobody watched the cell for a while; the charge of that time is assumed, and counted as such.

    `cause`: connection, no_reply, bad_reply, settings, asleep, program (it died), by_hand (somebody switched the cell
    on in a pause), stuck (each reading was the same), jumped (the current became another one at once, or is not the
    one that was set), unread (the cell was off before a reading showed the current that was set, or that behind a step
    of the voltage), scale (the current at a held voltage is not what the resistance known from a set current or a
    spectrum lets expect), or foreign (answers to somebody else's questions were found on the line: each reading may
    have been an older one)
    `step`: index of the step
    `since_s`: the last reading before
    `unwatched_s`: from then until the cell was off, or was read again
    `charge_C`: that is assumed to have flowed meanwhile; it is part of the charge of step and run
    `uncertainty_C`: of that charge
    """

    kind: ClassVar[Literal["gap"]] = "gap"
    when: ClassVar[str] = "after a time without readings"
    cause: GapCause
    step: int | None
    since_s: float
    unwatched_s: float
    charge_C: float
    uncertainty_C: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAgain:
    """An instrument's answer was lost or damaged and put right, or something was learnt of its line.

    `instrument`: as the bench names it
    `code`: silent, torn, garbled, late, other bit, no bit or measuring
    `command`: that was sent
    `raw`: what came in place of an answer
    `attempt`: counts from 1
    """

    kind: ClassVar[Literal["asked_again"]] = "asked_again"
    when: ClassVar[str] = "an answer was lost or damaged, and asked for again"
    instrument: str
    code: str
    command: str
    raw: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something went wrong; the run may continue.

    `text`: for people
    `code`: the same for programs, such as connection_lost or current_not_reached
    `parameters`: of the code
    """

    kind: ClassVar[Literal["alarm"]] = "alarm"
    when: ClassVar[str] = "something went wrong"
    text: str
    code: AlarmCode = field(default="", metadata=OMITTED)
    parameters: Parameters | None = field(default=None, metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A user's note, or the program's own about a request.

    `code`: user, spectrum_refused, spectrum_not_measured, dialogue (its recording had to end) or pressure (of the
    stack: it is not what was asked for, or has fallen)
    """

    kind: ClassVar[Literal["note"]] = "note"
    when: ClassVar[str] = "a user wrote a note, or a request was dropped"
    text: str
    code: NoteCode = field(default="", metadata=OMITTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class WallClock:
    """A pair of experiment time and time of day.

    `unix_s`: time of day, s since 1970
    """

    kind: ClassVar[Literal["wall"]] = "wall"
    when: ClassVar[str] = "each hour of experiment time, and where the clock of the PC was set"
    unix_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """A program's part of the run ended.

    `outcome`: completed, skipped, cut_short, limit, interrupted or fault
    `quantity`: which decided
    `limit`, `value`: of that quantity, in SI
    `verified_safe`: whether the bench was read back and nothing drives the cell
    """

    kind: ClassVar[Literal["end"]] = "end"
    when: ClassVar[str] = "the session ends"
    completed: bool
    outcome: RunOutcome
    reason: str
    quantity: EndQuantity
    limit: float | None
    value: float | None
    verified_safe: bool

    @property
    def is_final(self) -> bool:
        """Get whether nothing is left to be run: a resume only builds the file."""
        return self.outcome not in ("interrupted", "fault")
