"""What a kind of step is: one record, which the whole program looks into, and what its functions are given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from solbench.protocols.cells import Build, CellState
from solbench.protocols.files import Fields
from solbench.protocols.findings import Findings
from solbench.protocols.kinds.fields import RecordRule, StepBase, Steps
from solbench.protocols.limits import SafetyLimits
from solbench.protocols.plausible import Ability, Instruments, Plausible
from solbench.protocols.segments import AnySegmentKind, Pass, Record, Segment, StepRef
from solbench.protocols.tolerances import Tolerances

Segments = Iterator[Segment]
Leads = Literal["any", "pair", "1260"]
"""Which leads must be on the cell: those of the 1287 with the 1260 (`pair`), those of the 1260 alone, or any."""

Needs = Mapping[Ability, str]
"""Which abilities a step needs, each with the field that asks for it ("" for the step itself)."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where a step stands in the plan.

    `ref` numbers the step and is called once for each; `rule` is the protocol's own for storing readings;
    `spectra` numbers the spectra of the run from 1; `inside` plans the steps of a loop for one pass (from 1), with what
    is known of the pass where the loop is more than a repetition. `path` is that of the step; `loop_number` numbers
    such loops. `present` returns the step as it is by now: its run may have been changed. `begun_C` is what the cell
    holds (C, a magnitude) where this is the first step that drives it.
    """

    build: Build
    rule: RecordRule | None
    spectra: Iterator[int]
    ref: Callable[[], StepRef]
    inside: Callable[[Steps, int, Pass | None], Segments]
    path: str
    loop_number: Callable[[], int]
    present: Callable[[], StepBase]
    begun_C: float = 0.0

    def record(self, own: RecordRule | None) -> Record:
        """Return which readings are stored: by the step's own rule, else by the protocol's, else one a second."""
        written = own or self.rule
        if written is None:
            return Record()
        change = written.voltage_change
        return Record(written.every.value, change.value if change else None)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a step is checked against.

    The build of the cell, the run's limits, what is plausible, the instruments, and how far what is measured may be
    from the record.
    """

    build: Build
    limits: SafetyLimits
    plausible: Plausible
    instruments: Instruments
    tolerances: Tolerances


S = TypeVar("S", bound=StepBase)
Placed = Sequence[tuple[str, StepBase]]
"""Steps in the order of the protocol, each with its path."""


def no_findings(*_arguments: object) -> Findings:
    """Find nothing, whatever is looked at."""
    yield from ()


def direct_current(_step: StepBase) -> Needs:
    """Return that a bench for direct current will do."""
    return {}


@dataclass(frozen=True)
class StepKind(Generic[S]):
    """One kind of step.

    `name` is the word in files, `title` what the window calls it; the head of the model's docstring is the
    description in its form. `segments` are the kinds of segment that `plan` may make. `check` gets the step's path,
    `check_order` all steps of the protocol and the state of the cell before them, to find what only their order shows.
    `leads` says which leads it needs,
    `needs` what the bench must be able to do beside direct current.
    `brief` describes a step from data as typed, which may be incomplete; `sentence` a step as a methods section
    would. `example` is a new step as YAML.
    """

    name: str
    title: str
    model: type[S]
    segments: tuple[AnySegmentKind, ...]
    plan: Callable[[S, Here], Segments]
    check: Callable[[str, S, Bounds], Findings]
    leads: Callable[[S], Leads]
    needs: Callable[[S], Needs]
    brief: Callable[[Fields], str]
    sentence: Callable[[S], str]
    example: str
    check_order: Callable[[Placed, Build, CellState], Findings] = no_findings


AnyStepKind = StepKind[Any]


def any_leads(_step: StepBase) -> Leads:
    """Return that it does not matter which leads are on the cell."""
    return "any"


def pair_leads(_step: StepBase) -> Leads:
    """Return that the leads of the 1287 must be on the cell."""
    return "pair"
