"""Steps that are changed while a run is under way: refused with the reason as text, or planned anew from a segment on.

An end that moves is moved at the next reading, with the cell as it is. For anything else the segment is suspended at
that reading, the cell off, and begun again with its charge and time counted on. A segment that cannot be suspended
stays as it is, and the change counts from the next one. What was done keeps its place in the plan.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, zip_longest
from typing import NamedTuple

from solbench.acquisition.control.messages import ChangeRequest
from solbench.acquisition.control.verbs import Answer
from solbench.acquisition.engine.limits import EndWatch, SafetyWatch
from solbench.acquisition.engine.on_demand import can_be_suspended
from solbench.acquisition.record.events import ProtocolChanged
from solbench.acquisition.record.progress import Progress
from solbench.drivers.roles import Ability, Reading
from solbench.protocols import Build, CellRecord, Protocol, check_bench, limits_for, plan, raise_errors
from solbench.protocols.corrections.under_way import (
    PLACE,
    Changed,
    changeable,
    changed,
    limits_of,
    read_changes,
    step_path,
    with_changes,
)
from solbench.protocols.errors import BadInput
from solbench.protocols.kinds import kind_of_segment
from solbench.protocols.kinds.record import Segments
from solbench.protocols.plan import Version
from solbench.protocols.plausible import Instruments
from solbench.protocols.segments import ConstantCurrent, ConstantVoltage, Segment, StepRef, ends_of

LOOKED_AT = 20_000  # segments to come, for the first that a change makes another one
WAITS = "a change was made just before and is not taken up yet; ask again in a moment"


class _Pending(NamedTuple):
    """A change that was accepted.

    `marks`: the charges (C) that the present step comes to, by the places of their segments in the plan. `planned` is
    the present segment as the change makes it, None where that is not known.
    """

    change: Changed
    who: str
    marks: Sequence[tuple[int, float]]
    ordinal: int | None = None
    planned: Segment | None = None


class StepChanges:
    """The protocol as it is by now. `ask` may be called from any thread, the rest by the engine's.

    `count`: of the changes that were taken up; a plan made before the last of them holds no longer.
    """

    def __init__(
        self,
        protocol: Protocol,
        build: Build,
        record: CellRecord,
        progress: Progress,
        instruments: Instruments,
        abilities: Collection[Ability],
    ) -> None:
        self._first, self._build, self._record = protocol, build, record
        self._progress, self._instruments, self._abilities = progress, instruments, abilities
        self.protocol = protocol
        self._followers: tuple[Callable[[Protocol], None], ...] = ()
        self._versions: list[Version] = []
        for known in progress.changes:
            self._count(known.ordinal, with_changes(self.protocol, known.changes))
        self._pending: _Pending | None = None
        self._lock = threading.Lock()

    def plan(self) -> Segments:
        """Make the segments of the run, as its changes have them."""
        return plan(self._first, self._build, self._versions)

    def follow(self, *followers: Callable[[Protocol], None]) -> None:
        """Hand the protocol to these, now and whenever a change is taken up."""
        self._followers = followers
        self._tell()

    @property
    def count(self) -> int:
        """Get how many changes were taken up."""
        return len(self._versions)

    @property
    def is_pending(self) -> bool:
        """Get whether a change waits to be taken up."""
        return self._pending is not None

    def ask(self, request: ChangeRequest, who: str) -> Answer:
        """Take a change, or refuse it with the reason as text; without any value tell those of the step."""
        try:
            with self._lock:
                return self._answer(request, who)
        except BadInput as error:
            return Answer(accepted=False, text=str(error))

    def _answer(self, request: ChangeRequest, who: str) -> Answer:
        present = self._progress.step_path
        if not request.settings:
            path = step_path(self.protocol, request.step, present)
            fields = "; ".join(f"{name}={text}" for name, text in changeable(self.protocol, path).items())
            limits = "; ".join(
                f"{name}={text}" for name, text in limits_of(self.protocol, self._build).items()
            )
            return Answer(accepted=True, text=f"{path}: {fields}; of the whole run: {limits}")
        if self.is_pending:
            return Answer(accepted=False, text=WAITS)
        values = read_changes(self.protocol, request.step, present, request.settings)
        change = changed(self.protocol, self._record, values, self._instruments)
        raise_errors(check_bench(change.protocol, "in use", self._abilities), "the change", "the bench")
        pending, words = self._foreseen(change, who)
        if not request.only_check:
            self._pending = pending
        doubts = [finding.message for finding in change.doubts]
        return Answer(
            accepted=True, text="; ".join([*(each.words for each in change.changes), words, *doubts])
        )

    def taken_up(self, ordinal: int | None) -> ProtocolChanged:
        """Let the change count from the segment at `ordinal` on, None for what comes; return what the journal says."""
        assert self._pending is not None
        progress, pending = self._progress, self._pending
        begun = self._begun()
        if ordinal is None and begun is not None:
            waits = progress.ordinal != begun and pending.ordinal == begun
            ordinal = begun if waits else begun + 1
        elif ordinal is None:
            ordinal = progress.finished
        self._count(ordinal, pending.change.protocol)
        self._pending = None
        return ProtocolChanged(
            by=pending.who,
            ordinal=ordinal,
            step=progress.step_index,
            changes=pending.change.changes,
            wall=datetime.now().astimezone().isoformat(timespec="seconds"),
            goes_on_at=self._behind_passed(ordinal, pending.marks),
        )

    def forget(self) -> None:
        """Drop the change that waits: the run ends before."""
        self._pending = None

    def planned(self, ordinal: int) -> Segment | None:
        """Return the present segment as the change that waits makes it, None where that is not known."""
        pending = self._pending
        return pending.planned if pending is not None and pending.ordinal == ordinal else None

    def _count(self, ordinal: int, protocol: Protocol) -> None:
        self._versions.append(Version(ordinal, protocol))
        self.protocol = protocol
        self._tell()

    def _tell(self) -> None:
        for follower in self._followers:
            follower(self.protocol)

    def _begun(self) -> int | None:
        """Return the place in the plan of the segment that is under way, or waits to go on; None between two."""
        progress = self._progress
        present = progress.ordinal
        if present is not None and present >= 0:
            return present
        return progress.finished if progress.finished in progress.attempts else None

    def _behind_passed(self, ordinal: int, marks: Sequence[tuple[int, float]]) -> int:
        """Return the segment with which the plan goes on: of several states of a step that are passed now, the last."""
        passed_C = abs(self._progress.ledger.charge_C - self._progress.step_start_C)
        return max(
            [ordinal, *(place for place, charge_C in marks if place >= ordinal and charge_C <= passed_C)]
        )

    def _foreseen(self, change: Changed, who: str) -> tuple[_Pending, str]:
        """Return the change with the present segment as it makes it, and what will happen in words; raises BadInput."""
        present, stays, place = self._begun(), "", -1
        if change.protocol.steps == self.protocol.steps:
            return _Pending(change, who, ()), self._limits_moved(change.protocol)
        begin = self._progress.finished
        marks = tuple(self._marks(change.protocol, begin))
        if present is not None:
            was, planned = (
                next(self._planned(None, present)),
                next(self._planned(change.protocol, present), None),
            )
            if planned is not None and planned.step == was.step and planned != was:
                if self._progress.ordinal != present:
                    return _Pending(change, who, marks, present, planned), _LATER
                if is_moved(was, planned):
                    return _Pending(change, who, marks, present, planned), self._moved(planned)
                if can_be_suspended(planned):
                    is_held = kind_of_segment(planned).holds is not None
                    return _Pending(change, who, marks, present, planned), _SUSPENDED if is_held else _GOES_ON
                stays = f"the {kind_of_segment(was).words} that is under way stays as it is; "
            begin = present + 1
        plans = self._planned(None, begin), self._planned(change.protocol, begin)
        for place, (old, new) in enumerate(islice(zip_longest(*plans), LOOKED_AT)):  # noqa: B007 - looked at behind
            if old != new:
                return _Pending(change, who, marks), stays + self._from_where(old, new)
        if place + 1 < LOOKED_AT:
            raise BadInput(
                f"{stays}nothing of this is left to be done",
                "Change a step that comes, or skip the present one",
                file=PLACE,
            )
        return _Pending(change, who, marks), f"{stays}it counts for what comes"

    def _planned(self, protocol: Protocol | None, begin: int) -> Segments:
        """Make the segments from the place `begin` on, by `protocol` if there is one."""
        later = [] if protocol is None else [Version(begin, protocol)]
        return islice(plan(self._first, self._build, [*self._versions, *later]), begin, None)

    def _marks(self, protocol: Protocol, begin: int) -> Iterator[tuple[int, float]]:
        """Yield the charges (C) that the present step comes to, by the places of their segments from `begin` on."""
        for place, segment in enumerate(self._planned(protocol, begin), begin):
            if segment.step.index != self._progress.step_index:
                return
            for end in ends_of(segment) if isinstance(segment, ConstantCurrent) else ():
                if (end.quantity, end.outcome) == ("charge", "segment"):
                    yield place, end.value

    def _from_where(self, was: Segment | None, planned: Segment | None) -> str:
        """Say where the plan is another one first."""
        if planned is None:
            assert was is not None
            return f"the run ends before {_named(was.step)}"
        if planned.step.index == self._progress.step_index:
            return f"it counts from the next {kind_of_segment(planned).words} of this step on"
        return f"it counts from {_named(planned.step)} on"

    def _limits_moved(self, protocol: Protocol) -> str:
        """Say what becomes of the run, whose limits are moved."""
        reading = self._newest()
        watch = SafetyWatch(limits_for(self.protocol.safety, self._build))
        if reading is not None:
            watch.check(reading)
            watch.move(limits_for(protocol.safety, self._build))
            violation = watch.violation(reading)
            if violation is not None:
                return f"this is passed already: {violation.text}; the run ends at once, the cell off"
        return "from the next reading on; the cell stays as it is"

    def _newest(self) -> Reading | None:
        """Return the newest reading, None where none was taken since the segment began."""
        ledger, voltage_V = self._progress.ledger, self._progress.left_V
        return Reading(ledger.time_s, voltage_V, ledger.current_A or 0.0) if voltage_V is not None else None

    def _moved(self, planned: Segment) -> str:
        """Say what becomes of the present segment, whose ends are moved."""
        progress = self._progress
        reading = self._newest()
        if reading is not None and progress.ledger.connected and progress.ledger.current_A is not None:
            active_s = progress.step_active_s + progress.last_s - progress.segment_start_s
            ending = EndWatch(ends_of(planned)).check(
                reading, progress.ledger.charge_C - progress.step_start_C, active_s
            )
            if ending is not None:
                return f"this is passed already: {ending.text}; {_AT_ONCE[ending.outcome]}"
        return "from the next reading on; the cell stays as it is"


_AT_ONCE = {
    "segment": "what comes next begins at once; of the states that are passed, the last is measured",
    "step": "the step ends at once",
    "cut_short": "the run ends at once, uncompleted",
}
_LATER = "it counts when the step goes on, with its charge and time"
_GOES_ON = "from the next reading on; the time that has passed counts on"
_SUSPENDED = (
    "at the next reading the cell is off for some seconds; then the step goes on with its charge and time"
)


def is_moved(was: Segment, planned: Segment) -> bool:
    """Say whether a segment differs in its ends alone, so that nothing of the cell has to be touched."""
    if type(was) is not type(planned) or not isinstance(was, ConstantCurrent | ConstantVoltage):
        return False
    return was != planned and replace(was, ends=ends_of(planned)) == planned


def _named(step: StepRef) -> str:
    cycle = f" of cycle {step.cycle}" if step.cycle is not None else ""
    return f"step {step.index} ({step.name}{cycle})"
