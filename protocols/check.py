"""Checks a protocol against a cell record: everything that can be known without instruments."""

from bisect import bisect_left
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from solbench.protocols.cells import Build, BuildRecord, CellRecord
from solbench.protocols.check_record import check_areas, check_record
from solbench.protocols.checks.titrations import check_titrations
from solbench.protocols.conditions import Conditions
from solbench.protocols.errors import BadInput, FieldError
from solbench.protocols.estimate import estimate
from solbench.protocols.findings import REFUSED, Finding, Findings, Rule, of_field_error, once, refusal
from solbench.protocols.kinds.conditions import check_conditions
from solbench.protocols.kinds.constant_voltage import ConstantVoltage
from solbench.protocols.kinds.fields import RecordRule, StepBase, Steps
from solbench.protocols.kinds.loop import Loop
from solbench.protocols.kinds.loop_ends import loop_ends
from solbench.protocols.kinds.record import Bounds, Placed
from solbench.protocols.kinds.registry import STEP_KINDS, kind_of
from solbench.protocols.limits import SafetyLimits, limits_for
from solbench.protocols.model import Model, join
from solbench.protocols.plan import step_segments
from solbench.protocols.plausible import (
    MOST_CHANGE_OF_BUILD_V,
    MOST_CHANGE_V,
    Ability,
    Instruments,
    Plausible,
)
from solbench.protocols.protocol import Protocol
from solbench.protocols.quantities.durations import format_duration
from solbench.protocols.quantities.quantity import Quantity, turns_sign
from solbench.protocols.settings import explain_path

ALIAS = Rule("alias.is_a_field", "error", "'{alias}' is already the name of a field", "Choose another alias")
CELL_STATE = Rule(
    "conditions.cell_state",
    "warning",
    "the build '{build}' has no window for a cell that is {state}: any healthy cell passes for one",
    "Add {state}_window to the record",
)
NOT_FRESH = Rule(
    "conditions.not_fresh",
    "error",
    "a cell that holds something already is not fresh",
    "Leave 'cell_state' out, or write 'used'",
)
TOO_FULL = Rule(
    "conditions.too_full",
    "error",
    "this is {percent:.0f} % of what the electrode takes up, and at most {most:.0f} % are allowed",
    "Write less, or check the mass of tin; 'tolerances.charge' allows more",
)
DURATION = Rule(
    "protocol.duration",
    "warning",
    "the run takes {duration}, most of it in this step",
    "Keep it only if the bench is free for that long",
)
SAFETY_ORDER = Rule(
    "safety.order",
    "error",
    "the lower safety limit, {low_V:g} V, is not below the upper one, {high_V:g} V",
    "Write voltage_min below voltage_max",
)
SAFETY_WIDER = Rule(
    "safety.wider",
    "warning",
    "this is wider than the build '{build}' of '{record}' allows by itself",
    "Keep it only if the cell is known to withstand it",
)
EVERY_SHORT = Rule(
    "record.every_short",
    "warning",
    "'{every}' is shorter than a reading takes, about {reading_s:g} s: each reading is stored, and none between them",
    "Write at least '{reading_s:g} s'",
)
EVERY_LONG = Rule(
    "record.every_long",
    "warning",
    "'{every}' is longer than '{lasts}', which ends '{step}': nothing is stored between its first reading and its last",
    "Write a shorter time, or beside it a small 'voltage_change' where the voltage moves",
)
LEADS = Rule(
    "protocol.leads",
    "error",
    "this needs the {source} on the cell, and another step the {analyzer} alone",
    "Make two protocols of it, and change the leads between them",
)


LACKS = Rule(
    "bench.lacks",
    "error",
    "the bench '{bench}' cannot do this: it has nothing for {ability}",
    "Choose another bench, or take this out of the protocol{otherwise}",
)
INSTEAD: tuple[tuple[Ability, Ability, str], ...] = (
    (
        "impedance",
        "standalone impedance",
        "; it measures samples without a voltage of their own with 'instruments: 1260'",
    ),
    ("standalone impedance", "impedance", "; it measures with 'instruments: pair'"),
)
"""What a bench lacks, what it can do in its place, and how that is asked for."""


def check(
    protocol: Protocol,
    record: CellRecord,
    build: str | None = None,
    plausible: Plausible = Plausible(),  # noqa: B008 - frozen
    instruments: Instruments = Instruments(),  # noqa: B008 - frozen
) -> list[Finding]:
    """Find errors and doubts of a protocol for one build of a record (the protocol's own, if None).

    Errors come first. An empty list means that nothing was found; no finding says that a run is harmless.
    """
    found = list(_check_all(protocol, record, build or protocol.build, plausible, instruments))
    found = list(_signs_told(found, list(walk_values(protocol.steps))))
    if instruments.abilities is not None:
        found += check_bench(protocol, instruments.bench, instruments.abilities)
    if all(finding.grade == "warning" for finding in found):
        found += _check_duration(protocol, record.build(build or protocol.build), plausible)
    return sorted(found, key=lambda finding: finding.grade)


def check_bench(protocol: Protocol, bench: str, abilities: Collection[Ability]) -> list[Finding]:
    """Find what of a protocol a bench of this name with these abilities cannot do; every bench does direct current."""
    otherwise = {needed: how for needed, there, how in INSTEAD if there in abilities}
    return [
        LACKS.at(
            join(path, field) if field else path,
            bench=bench,
            ability=ability,
            otherwise=otherwise.get(ability, ""),
        )
        for path, step in walk(protocol.steps)
        for ability, field in kind_of(step).needs(step).items()
        if ability not in abilities
    ]


def walk(steps: Steps, path: str = "steps") -> Iterator[tuple[str, StepBase]]:
    """Get every step once with its path, the steps of a loop after the loop; of a series those of its first pass."""
    for step in steps:
        here = join(path, step.name)
        yield here, step
        if isinstance(step, Loop):
            yield from walk(step.steps, join(here, "steps"))


def walk_values(steps: Steps, path: str = "steps") -> Iterator[tuple[str, StepBase]]:
    """Get every step with its path, those of a series once for each of its values."""
    for step in steps:
        here = join(path, step.name)
        yield here, step
        if isinstance(step, Loop):
            for body in step.different_bodies():
                yield from walk_values(body, join(here, "steps"))


def _check_all(
    protocol: Protocol, record: CellRecord, name: str, plausible: Plausible, instruments: Instruments
) -> Findings:
    yield from _check_aliases(protocol)
    yield from _check_conditions(protocol.conditions, plausible)
    try:
        build = record.build(name)
    except BadInput as missing:
        yield refusal("build", missing.message, missing.cure)
        return
    yield from check_record(record.builds[name], build, plausible)
    yield from check_areas(record, name, plausible)
    yield from _check_state(protocol.conditions, record.builds[name], build)
    begins = list(_check_beginning(protocol, build))
    yield from begins
    if begins:
        return
    limits = limits_for(protocol.safety, build)
    yield from _check_safety(protocol, build, limits)
    tolerances = build.tolerances.widened(protocol.tolerances)
    bounds = Bounds(build, limits, plausible, instruments, tolerances)
    steps = list(walk_values(protocol.steps))
    alone = list(_check_alone(protocol, steps, bounds))
    yield from once((_bound_texts(step), finding) for step, finding in alone)
    yield from _different(_check_intervals(protocol, steps, instruments, build))
    titrations = check_titrations(steps, protocol.record, build, plausible)
    yield from once((_bound_texts(step), finding) for step, finding in titrations)
    yield from _different(_check_leads(steps, instruments))
    wrong = {id(step) for step, finding in alone if finding.grade == "error"}
    yield from _check_orders(protocol, build, wrong)


def _check_alone(protocol: Protocol, steps: Placed, bounds: Bounds) -> Iterator[tuple[StepBase, Finding]]:
    """Find what is wrong with each step by itself."""
    for path, step in steps:
        found = list(kind_of(step).check(path, step, bounds))
        if not any(finding.rule.code == REFUSED.code for finding in found):
            found += _check_plan(protocol, bounds.build, path, step)
        yield from ((step, finding) for finding in found)


def _signs_told(found: Iterable[Finding], steps: Placed) -> Findings:
    """Say with each finding that quotes a value of a series with the other sign that it does so."""
    turned = {
        (path, value.text): value.written
        for path, step in steps
        if not isinstance(step, Loop)
        for value in _bound(step)
        if turns_sign(value.written)
    }
    for finding in found:
        written = next(
            (
                name
                for (path, text), name in turned.items()
                if f"'{text}'" in finding.message and f"{finding.field}.".startswith((f"{path}.", f"{path}["))
            ),
            None,
        )
        yield finding if written is None else finding.as_turned(written)


def _bound(step: StepBase) -> tuple[Quantity, ...]:
    """Return the values of series that stand in a step."""
    values: list[Quantity] = []
    left: deque[object] = deque([step])
    while left:
        inner = left.popleft()
        if isinstance(inner, Quantity):
            values += [inner] if inner.written else []
        elif isinstance(inner, Model):
            left.extend(value for _, value in inner)
        elif isinstance(inner, tuple):
            left.extend(inner)
    return tuple(values)


def _bound_texts(step: StepBase) -> tuple[str, ...]:
    return tuple(value.text for value in _bound(step))


def _different(found: Iterable[Finding]) -> Findings:
    """Tell what is said of several values of a series in the same words once."""
    yield from {str(finding): finding for finding in found}.values()


def _check_orders(protocol: Protocol, build: Build, wrong: Collection[int]) -> Findings:
    """Find what only the order of the steps shows, each once.

    Where the cell is behind a step that is wrong (`wrong`: the ids of those that are so by themselves) nobody knows:
    what follows from it alone is not told.
    """
    steps = list(_in_order(protocol.steps))

    @cache
    def told(length: int) -> dict[tuple[object, ...], Finding]:
        kinds, state = STEP_KINDS.values(), protocol.conditions.state_before
        first: dict[tuple[object, ...], Finding] = {}
        for finding in (one for kind in kinds for one in kind.check_order(steps[:length], build, state)):
            first.setdefault((finding.code, finding.field, finding.typed(), finding.words()), finding)
        return first

    def is_wrong(length: int) -> bool:
        return any(finding.grade == "error" for finding in told(length).values())

    known = next((number for number, (_, step) in enumerate(steps, 1) if id(step) in wrong), len(steps))
    if is_wrong(known):
        known = bisect_left(range(known), 1, key=is_wrong)
    sure = told(known)
    yield from once((one.typed(), one) for key, one in told(len(steps)).items() if key in sure)


def _in_order(steps: Steps, path: str = "steps") -> Iterator[tuple[str, StepBase]]:
    """Get the steps in their order, those of a loop twice: the second pass begins where the first one ends.

    Those of a series come once for each of its values; the loops themselves do nothing to a cell.
    """
    for step in steps:
        here = join(path, step.name)
        if not isinstance(step, Loop):
            yield here, step
        else:
            bodies = list(step.different_bodies())
            for body in bodies if len(bodies) > 1 else bodies * min(step.passes, 2):
                yield from _in_order(body, join(here, "steps"))


def _check_plan(protocol: Protocol, build: Build, path: str, step: StepBase) -> Findings:
    """Find a step that cannot be planned for this build, whichever of its values it is that lacks something."""
    try:
        if not isinstance(step, Loop):  # the steps of a loop are looked at by themselves
            deque(step_segments(protocol, build, step), maxlen=0)
        elif step.until is not None:
            loop_ends(step.until, step.steps, join(path, "steps"), build)
    except FieldError as problem:
        yield of_field_error(problem, path)


def measures_alone(protocol: Protocol) -> bool:
    """Say whether the 1260 measures by itself, so that the leads of the 1287 are not on the cell."""
    return any(kind_of(step).leads(step) == "1260" for _, step in walk(protocol.steps))


def takes_spectra(protocol: Protocol) -> bool:
    """Say whether a protocol takes a spectrum, with the pair or with the 1260 alone."""
    spectra = {"impedance", "standalone impedance"}
    return any(spectra & set(kind_of(step).needs(step)) for _, step in walk(protocol.steps))


def _check_intervals(protocol: Protocol, steps: Placed, instruments: Instruments, build: Build) -> Findings:
    rules = [("record", protocol.record)]
    rules += [(join(path, "record"), getattr(step, "record", None)) for path, step in steps]
    for path, rule in rules:
        if rule is not None and rule.every.value < instruments.reading_s:
            yield EVERY_SHORT.at(f"{path}.every", every=rule.every.text, reading_s=instruments.reading_s)
    yield from _check_long_intervals(protocol, steps, build)


def _check_long_intervals(protocol: Protocol, steps: Placed, build: Build) -> Findings:
    """Find intervals in which a whole step passes; of several the shortest."""
    shortest: dict[str, tuple[Quantity, Quantity, str]] = {}
    for path, step in steps:
        own: RecordRule | None = getattr(step, "record", None)
        rule, lasts = own or protocol.record, getattr(getattr(step, "until", None), "time", None)
        if not step.drives or rule is None or lasts is None or _stores_by_change(rule, step, build):
            continue
        field = f"{path}.record.every" if own else "record.every"
        if rule.every.value > lasts.value and (
            field not in shortest or lasts.value < shortest[field][1].value
        ):
            shortest[field] = rule.every, lasts, step.name
    for field, (every, lasts, name) in shortest.items():
        yield EVERY_LONG.at(field, every=every.text, lasts=lasts.text, step=name)


def _stores_by_change(rule: RecordRule, step: StepBase, build: Build) -> bool:
    """Say whether a change of the voltage stores readings of a step by itself.

    A held one does not change, and neither does that of some cells behind the step of their current.
    """
    change = rule.voltage_change
    most_V = MOST_CHANGE_OF_BUILD_V.get(build.kind, MOST_CHANGE_V)
    return change is not None and change.value <= most_V and not isinstance(step, ConstantVoltage)


def _check_leads(steps: Placed, instruments: Instruments) -> Findings:
    """Find steps that need other leads than the rest: they are not moved during a run."""
    needed = [(path, kind_of(step).leads(step)) for path, step in steps]
    if any(leads == "1260" for _, leads in needed):
        names = {"source": instruments.source, "analyzer": instruments.analyzer}
        yield from (LEADS.at(path, **names) for path, leads in needed if leads == "pair")


def _check_aliases(protocol: Protocol) -> Findings:
    for alias, path in protocol.aliases.items():
        field = f"aliases.{alias}"
        if alias in Protocol.model_fields:
            yield ALIAS.at(field, alias=alias)
        elif problem := explain_path(protocol, path):
            yield refusal(field, problem.message, problem.cure)


def _check_conditions(conditions: Conditions, plausible: Plausible) -> Findings:
    temperature = None if conditions.temperature == "unknown" else conditions.temperature
    pressure = None if conditions.stack_pressure == "unknown" else conditions.stack_pressure
    yield from check_conditions("conditions", temperature, pressure, plausible)


def _check_state(conditions: Conditions, written: BuildRecord, build: Build) -> Findings:
    """Find a state that was stated and that the record cannot tell from others."""
    stated = conditions.cell_state
    if "cell_state" in conditions.model_fields_set and build.start_window_of(stated)[0] != stated:
        yield CELL_STATE.at("conditions.cell_state", build=build.name, state=stated)


def _check_beginning(protocol: Protocol, build: Build) -> Findings:
    """Find what a cell cannot hold before the run, or what its first step cannot go on with."""
    conditions = protocol.conditions
    field = "conditions.history" if conditions.history else "conditions.state_of_charge"
    try:
        held_C = conditions.begun_C(build)
    except FieldError as problem:
        yield of_field_error(problem, join("conditions", problem.field))
        return
    passed = conditions.history or conditions.state_of_charge is not None
    if passed and held_C and conditions.cell_state == "fresh" and "cell_state" in conditions.model_fields_set:
        yield NOT_FRESH.at("conditions.cell_state")
    most = build.tolerances.widened(protocol.tolerances).charge.value
    if build.theoretical_capacity_C and held_C > most * build.theoretical_capacity_C:
        percent = 100.0 * held_C / build.theoretical_capacity_C
        yield TOO_FULL.at(field, percent=percent, most=100.0 * most)
    elif held_C:
        first = next(((path, step) for path, step in walk(protocol.steps) if step.drives), None)
        try:
            if first is not None:
                list(step_segments(protocol, build, first[1], is_first=True))
        except FieldError as problem:
            path = first[0] if first is not None else "steps"
            yield of_field_error(problem, join(path, problem.field) if problem.field else path)


def _check_duration(protocol: Protocol, build: Build, plausible: Plausible) -> Findings:
    expected = estimate(protocol, build)
    if expected.duration_s > plausible.duration_warning_s:
        longest = max(expected.steps, key=lambda step: step.duration_s)
        yield DURATION.at(longest.path, duration=format_duration(expected.duration_s))


def _check_safety(protocol: Protocol, build: Build, limits: SafetyLimits) -> Findings:
    low, high = build.voltage_window_V
    if limits.voltage_min_V >= limits.voltage_max_V:
        yield SAFETY_ORDER.at("safety", low_V=limits.voltage_min_V, high_V=limits.voltage_max_V)
    wider = [
        ("voltage_min", limits.voltage_min_V < low),
        ("voltage_max", limits.voltage_max_V > high),
        ("current_max", limits.current_max_A > build.current_max_A),
    ]
    for field, is_wider in wider:
        if is_wider:
            yield SAFETY_WIDER.at(f"safety.{field}", build=build.name, record=build.record)
