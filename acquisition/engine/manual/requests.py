"""What is set by hand during a manual step: refused with the reason as text, or made into a segment.

The segment that waits is suspended at a reading, what was set is carried out as the same step of a protocol would be,
and then the cell rests again, off. Each is a step of its own, with an ordinal below zero; limits, ends and the
guardian act on it as on any other. What is set while something is held ends that first.
"""

import threading
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from solbench.acquisition.control.messages import ManualRequest
from solbench.acquisition.control.verbs import Answer
from solbench.acquisition.engine.limits import Ending
from solbench.acquisition.record.events import HoldAsked, SpectrumAsked
from solbench.acquisition.record.progress import Progress
from solbench.protocols import Build, Protocol, limits_for
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.findings import Finding
from solbench.protocols.kinds import kind_of
from solbench.protocols.kinds.constant_voltage import ConstantVoltage
from solbench.protocols.kinds.driven.current import ConstantCurrent
from solbench.protocols.kinds.driven.current_checks import SIGN_UNSEEN
from solbench.protocols.kinds.fields import StepBase
from solbench.protocols.kinds.manual import ByHand, Manual
from solbench.protocols.kinds.record import Bounds
from solbench.protocols.model import bad_input
from solbench.protocols.plan import step_segments
from solbench.protocols.plausible import Instruments, Plausible
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.segments import ConstantCurrent as CurrentSegment
from solbench.protocols.segments import ConstantVoltage as VoltageSegment
from solbench.protocols.segments import Segment, StepRef, ends_of

OFF_ALREADY = "the cell is off already"
NOT_MANUAL = "the present step is not a manual one: nothing is set by hand in it"
SPECTRUM_ON = (
    "a spectrum is being measured, and the cell is on until it is over; solbench pause switches it off"
)
Held = CurrentSegment | VoltageSegment


@dataclass(frozen=True)
class _Hold:
    segment: Held
    by: str
    then_finish: bool


class ManualRequests:
    """What a person has set and the engine has not taken up yet. `ask` may be called from any thread.

    The engine tells by `ending` and `record` what it takes up; all else is told by the run's progress.
    """

    def __init__(
        self, protocol: Protocol, build: Build, progress: Progress, instruments: Instruments
    ) -> None:
        self._build, self._protocol = build, protocol
        self._limits = limits_for(protocol.safety, build)
        tolerances = build.tolerances.widened(protocol.tolerances)
        self._bounds = Bounds(build, self._limits, Plausible(), instruments, tolerances)
        self._progress = progress
        self._hold: _Hold | None = None
        self._taking: _Hold | None = None  # which the engine is about to write down
        self._off_by = self._finish_by = ""
        self._has_begun = isinstance(protocol.steps[0], Manual)  # or is about to: what is set waits for it
        self._lock = threading.Lock()

    def follow(self, protocol: Protocol) -> None:
        """Go by another protocol, as a change has made it."""
        self._protocol, self._limits = protocol, limits_for(protocol.safety, self._build)
        self._bounds = replace(self._bounds, limits=self._limits)

    def ask(self, request: ManualRequest, who: str) -> Answer:
        """Take a request, or refuse it with the reason as text."""
        if not self._has_begun:
            return Answer(accepted=False, text=NOT_MANUAL)
        if request.do == "hold":
            return self._ask_hold(request, who)
        if request.do == "off" and isinstance(self._progress.asked, SpectrumAsked):
            return Answer(accepted=False, text=SPECTRUM_ON)
        with self._lock:
            is_held = self._hold is not None or isinstance(self._progress.asked, HoldAsked)
            self._hold = None
            if request.do == "finish":
                self._finish_by = who
                return Answer(accepted=True, text="the manual step ends at the next reading, the cell off")
            self._off_by = who if is_held else ""
        return Answer(
            accepted=True, text="the cell is switched off at the next reading" if is_held else OFF_ALREADY
        )

    def preset(self, request: ManualRequest, who: str) -> None:
        """Take what is to be held as soon as the manual step begins; raises BadInput."""
        segment, _ = self._segment(request)
        self._hold = _Hold(segment, who, request.then_finish)

    @property
    def is_pending(self) -> bool:
        """Get whether the waiting segment is to be suspended, or ended, at once."""
        return self._hold is not None or bool(self._finish_by)

    def ending(self, segment: Segment, ordinal: int) -> Ending | None:
        """Return how the present segment ends by what was asked, None where it goes on."""
        is_waiting, is_hold = isinstance(segment, ByHand), ordinal < 0 and isinstance(segment, Held)
        if not (is_waiting or is_hold):
            return None
        self._has_begun = True
        hold, by = self._hold, self._off_by or self._finish_by
        if is_waiting and hold is not None:
            self._taking = hold
            return Ending("aside", "suspended for what was set by hand")
        if is_waiting and self._finish_by:
            return Ending("done", f"finished by {self._finish_by}")
        if is_hold and hold is not None:
            return Ending("done", f"{hold.by} set something else")
        if is_hold and by:
            return Ending("done", f"switched off by {by}")
        return None

    def record(self, segment: Segment) -> HoldAsked:
        """Return what the journal is to say of the hold for which `segment` is suspended."""
        assert self._taking is not None
        hold, number = self._taking, self._progress.holds + 1
        step = StepRef(
            segment.step.index + number,
            f"{segment.step.name}-{number}",
            hold.segment.step.kind,
            segment.step.path,
        )
        held = replace(hold.segment, step=step)
        return HoldAsked(
            by=hold.by,
            constant_current=held if isinstance(held, CurrentSegment) else None,
            constant_voltage=held if isinstance(held, VoltageSegment) else None,
            then_finish=hold.then_finish,
        )

    def taken_up(self) -> None:
        """Forget what stands in the journal now; what was said since is about it, and stays."""
        with self._lock:
            if self._hold is self._taking:
                self._hold, self._off_by = None, ""
            self._taking = None

    def was_off(self) -> None:
        """Forget the word to switch off: the cell is."""
        self._off_by = ""

    def finish(self, by: str) -> None:
        """End the manual step: what was asked to be the last of it is over, and nothing was set in its place."""
        with self._lock:
            if self._hold is None:
                self._finish_by = by

    def _ask_hold(self, request: ManualRequest, who: str) -> Answer:
        if isinstance(self._progress.asked, SpectrumAsked):
            return Answer(accepted=False, text="a spectrum is being measured; wait until it is over")
        try:
            segment, doubts = self._segment(request)
            self._require_inside()
        except BadInput as error:
            return Answer(accepted=False, text=str(error))
        with self._lock:
            self._off_by = self._finish_by = ""
            self._hold = _Hold(segment, who, request.then_finish)
        words = f"{words_of(segment)}; the cell is switched on at the next reading"
        return Answer(accepted=True, text="; ".join([words, *doubts]))

    def _segment(self, request: ManualRequest) -> tuple[Held, list[str]]:
        """Return the segment that is set, checked as one of a protocol is, and what is doubtful; raises BadInput."""
        step = step_of(request)
        kind = kind_of(step)
        found: list[Finding] = list(kind.check("hold", step, self._bounds))
        wrong = [finding for finding in found if finding.grade == "error"]
        if wrong:
            field = wrong[0].field.removeprefix("hold").lstrip(".")
            raise BadInput(wrong[0].message, wrong[0].cure, field=field)
        try:
            (segment,) = step_segments(self._protocol, self._build, step)
        except FieldError as error:
            raise BadInput(error.message, error.cure, field=error.field) from error
        assert isinstance(segment, Held)
        return segment, [finding.message for finding in found if finding.code != SIGN_UNSEEN.code]

    def _require_inside(self) -> None:
        """Raise BadInput where the cell at rest is outside the limits: they act once it was inside, and would not."""
        voltage_V, limits = self._progress.open_V, self._limits
        if voltage_V is not None and not limits.voltage_min_V < voltage_V < limits.voltage_max_V:
            raise BadInput(
                f"the cell shows {voltage_V:.4f} V, which is outside the limits of {limits.voltage_min_V:g} V to "
                f"{limits.voltage_max_V:g} V",
                "Finish, and begin another manual run with limits around this voltage",
                field="safety",
            )


def step_of(request: ManualRequest) -> StepBase:
    """Return what is set by hand as a step of a protocol; raises BadInput."""
    if bool(request.current) == bool(request.voltage):
        raise BadInput(
            "one of a current and a voltage is held", "Say one of --current and --voltage", field="hold"
        )
    until: dict[str, Any] = {}
    if request.time:
        until["time"] = request.time
    if request.capacity:
        until["capacity"] = request.capacity
    data: dict[str, Any] = {"name": "hold", "until": until}
    model: type[ConstantCurrent | ConstantVoltage]
    if request.current:
        model = ConstantCurrent
        data["current"] = request.current
        if request.until_voltage:
            until["voltage"] = request.until_voltage
    else:
        model = ConstantVoltage
        data["voltage"] = request.voltage
        if request.current_limit:
            data["current_limit"] = request.current_limit
    if not until:
        raise BadInput(
            "it is not said how long this is held", "Write a time, such as --for '5 min'", field="time"
        )
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise bad_input(error, data, "") from None


def words_of(segment: Held) -> str:
    """Return what is held, and until when, in words."""
    held = (
        _amperes(segment.current_A)
        if isinstance(segment, CurrentSegment)
        else f"{segment.voltage_V:.4g} V (at most {_amperes(segment.current_limit_A)})"
    )
    ends = " or ".join(_end_in_words(end.quantity, end.value, end.text) for end in ends_of(segment))
    return f"{held} until {ends}"


def held_segment(asked: HoldAsked, number: int) -> tuple[int, Held]:
    """Return the segment of what was set by hand with its ordinal; `number` counts what is no part of the plan."""
    return -2 * number, asked.segment


def _amperes(current_A: float) -> str:
    """Write a current with a prefix.

    >>> _amperes(-2e-5), _amperes(1.5e-3), _amperes(3e-9)
    ('-20 uA', '1.5 mA', '3 nA')
    """
    size = abs(current_A)
    factor, unit = next(
        ((f, u) for f, u in ((1.0, "A"), (1e-3, "mA"), (1e-6, "uA")) if size >= f), (1e-9, "nA")
    )
    return f"{current_A / factor:.4g} {unit}"


def _end_in_words(quantity: str, value: float, text: str) -> str:
    return format_duration(value) + " have passed" if quantity == "time" else text
