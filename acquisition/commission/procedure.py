"""The whole procedure: which steps are carried out, in what order, what each needs, and the record that is kept.

The cell is off whenever a part is mounted. Every way out makes the bench safe and verifies it.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import solbench
from solbench.acquisition.bench.bench import Bench
from solbench.acquisition.bench.bench_file import BenchFile, dump_bench
from solbench.acquisition.bench.commissioning.record import (
    STEPS,
    CommissioningRecord,
    InstrumentRecord,
    Outcome,
    Step,
    StepRecord,
    Values,
)
from solbench.acquisition.bench.commissioning.standing import adapter_of, in_words
from solbench.acquisition.bench.dialogue.dialogue import Dialogue
from solbench.acquisition.bench.dialogue.file import About
from solbench.acquisition.bench.dialogue.recorder import Recorder
from solbench.acquisition.bench.guarded import forget_guard_file, key_if_any, open_guarded
from solbench.acquisition.bench.guardian_client import GuardianGone
from solbench.acquisition.bench.served_cell import mount_served, mounted_in_served
from solbench.acquisition.commission import other_makes
from solbench.acquisition.commission.cut_out import cut_out
from solbench.acquisition.commission.itself import part_description
from solbench.acquisition.commission.meters import meters
from solbench.acquisition.commission.operator import NotAtHand, Operator, Unusable
from solbench.acquisition.commission.polarity import polarity
from solbench.acquisition.commission.ranges import ranges
from solbench.acquisition.commission.signs import signs
from solbench.acquisition.commission.spectra.alone import alone
from solbench.acquisition.commission.spectra.dummy_cell import dummy_cell
from solbench.acquisition.commission.spectra.lag import lag
from solbench.acquisition.commission.spectra.leads import leads
from solbench.acquisition.commission.standby import standby
from solbench.acquisition.commission.talk import talk
from solbench.acquisition.commission.workbench import Commissioned, Found, Workbench
from solbench.acquisition.control.bench_history import BenchHistory, history_key
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.errors import Fault
from solbench.drivers.clock import sleep
from solbench.drivers.errors import DriverError
from solbench.drivers.keithley.keithley2400 import Keithley2400
from solbench.drivers.solartron.fra_pair import FraPair
from solbench.protocols.errors import BadInput, sentence

CARRIES_OUT: Mapping[Step, Callable[[Workbench], Found]] = {
    "A": talk,
    "B": meters,
    "C": standby,
    "D": ranges,
    "E": signs,
    "F": lag,
    "G": leads,
    "H": dummy_cell,
    "I": cut_out,
    "J": polarity,
    "K": alone,
}
OF_OTHER_MAKES: Mapping[Step, Callable[[Workbench], Found]] = {
    **CARRIES_OUT,
    "A": other_makes.talk,
    "C": other_makes.off_is_off,
    "E": other_makes.sign_of_outputs,
    "I": other_makes.limit,
}
NEEDS: Mapping[Step, tuple[Step, ...]] = {
    "B": ("A",),
    "C": ("A",),
    "D": ("A", "C"),
    "E": ("D",),
    "F": ("E",),
    "G": ("F",),
    "H": ("G",),
    "I": ("D",),
    "J": ("D",),
    "K": ("A",),
}
SAFE_WITHIN_S, SAFE_EVERY_S = 5.0, 0.5
MB = 1_000_000
FIRST_PART = "1 kohm"  # what is said to lie in the leads of a simulated bench before anything is mounted


@dataclass(frozen=True)
class Plan:
    """What is to be done: these steps, without some of them, by whom, and the record that is continued.

    `dialogue`: name of the file beside the record with all that is said. `applies`: the steps that this bench has.
    """

    by: str
    only: tuple[Step, ...] = ()
    left_out: tuple[Step, ...] = ()
    before: CommissioningRecord | None = None
    dialogue: str = ""
    applies: tuple[Step, ...] = STEPS

    @property
    def steps(self) -> tuple[Step, ...]:
        """Get the steps to carry out: those asked for, else those that have not been passed."""
        if self.only:
            return tuple(step for step in self.applies if step in self.only)
        missing = self.applies if self.before is None else self.before.missing(self.applies)
        return tuple(step for step in missing if step not in self.left_out)


Keep = Callable[[CommissioningRecord], None]
"""Keeps the record as it is after each step; raises OSError."""


@contextmanager
def opened(
    bench: BenchFile,
    run_control: RunControl,
    record: Path,
    *,
    seed: int = 0,
    dialogue: Dialogue | None = None,
) -> Iterator[Bench]:
    """Have a bench for the steps, its guardian beside it; whatever happens, it is made safe and verified.

    A served bench has its cell again afterwards, a fresh one. What an earlier record says is not used: it is measured
    anew. `dialogue` hears every transfer. Raises BadInput, and Fault where an instrument was lost or the bench could
    not be made safe.
    """
    place = record.with_suffix(".h5")  # the guardian notes beside it what it had to do
    raw, first = bench.with_record(None), part_description(FIRST_PART)
    import_module("scipy.optimize")  # of step F: on a busy PC it takes as long to load as the guardian waits
    before = None
    if raw.served is not None:
        before = mounted_in_served(raw.served.control)
        mount_served(raw.served.control, first, FIRST_PART)
    opened_bench = open_guarded(raw, first, run_control, place, seed=seed, dialogue=dialogue)
    guard = opened_bench.guarding.guard if opened_bench.guarding is not None else None

    def beat() -> None:
        if guard is not None:
            try:
                guard.beat()
            except GuardianGone as gone:
                raise Fault(f"{gone}, and no part is driven without one") from gone

    history, name = BenchHistory(history_key(key_if_any(raw), raw.name)), uuid4().hex
    is_safe = False
    run_control.on_poll(beat)
    run_control.begin()
    try:
        history.began(name, record, "", "commissioning part")
        yield opened_bench
    except DriverError as error:
        raise Fault(sentence(str(error))) from error
    finally:
        run_control.on_poll(None)
        try:
            with run_control.shield():
                _make_safe(opened_bench)
            is_safe = True
        finally:
            opened_bench.close()
            if guard is not None and is_safe:
                guard.bye()
            elif guard is not None:
                is_safe = guard.act().off_host_s is not None
            forget_guard_file(place)
            history.ended(name, completed=False, how="commissioning" if is_safe else "NOT VERIFIED SAFE")
            if raw.served is not None and before is not None and is_safe:
                with suppress(Fault):  # it has gone meanwhile
                    mount_served(raw.served.control, *before)


def dialogue_of(bench: BenchFile, record: Path, run_control: RunControl) -> Recorder:
    """Begin the file beside a record that takes down all that is said on the wires; raises OSError."""
    place, count = record.with_suffix(".dialogue"), 1
    while place.exists():
        count += 1
        place = record.with_suffix(f".{count}.dialogue")
    about = About(
        version=solbench.__version__,
        began_unix_s=time.time(),
        seed=0,
        simulated=bench.is_simulated,
        texts={"bench": dump_bench(bench)},
        names={"bench": bench.name},
    )
    return Recorder(place, round(bench.dialogue_MB * MB), about, run_control)


def _make_safe(bench: Bench) -> None:
    """Make the bench safe, again and again for a moment; raises what the first try raised."""
    dc, clock = bench.equipment.dc, bench.clock
    until_s, first = clock.now() + SAFE_WITHIN_S, None
    while True:
        try:
            dc.make_safe(clock)
        except DriverError as error:
            first = first or error
        else:
            return
        if clock.now() >= until_s:
            raise Fault(f"NOT VERIFIED SAFE: {first}") from first
        sleep(clock, SAFE_EVERY_S)
        with suppress(DriverError):
            dc.reconnect()


def carry_out(bench: Bench, operator: Operator, plan: Plan, keep: Keep) -> CommissioningRecord:
    """Carry the steps of a plan out, keep the record after each, and return it; raises BadInput, Interrupted.

    What fails is in the record, as what was left out; steps that need one that was not passed are left out with it.
    """
    commissioned = commissioned_of(bench)
    on = Workbench(commissioned, bench.clock, operator)
    record = _begun(bench, commissioned, plan)
    on.values = record.values
    for step in plan.steps:
        lacking = record.missing(NEEDS.get(step, ()))
        if lacking:
            found = _left_out(f"not without {in_words(lacking)}")
        else:
            operator.begin(step)
            found = _carried_out(on, step)
        record = _with_step(record, step, found, on.values)
        keep(record)
        operator.tell(f"Step {step}: {found.outcome.replace('_', ' ')}{_after_colon(found.remark)}")
    for step in plan.left_out:
        if step in plan.applies and step not in record.steps:
            record = _with_step(record, step, _left_out("left out as asked"), on.values)
    keep(record)
    return record


def commissioned_of(bench: Bench) -> Commissioned:
    """Return what holds the cell of a bench and is commissioned; raises BadInput where it is of no known make."""
    dc = bench.equipment.dc
    if not isinstance(dc, FraPair | Keithley2400):
        raise BadInput(
            "a bench of this make is not commissioned",
            "Name the bench file of another one",
            file=bench.file.source,
            field="model",
        )
    return dc


def _carried_out(on: Workbench, step: Step) -> StepRecord:
    """Carry a step out; what it found goes into the workbench's values."""
    try:
        found = (CARRIES_OUT if on.is_1287 else OF_OTHER_MAKES)[step](on)
    except NotAtHand as missing:
        return _left_out(str(missing))
    except Unusable as wrong:
        return _step("failed", str(wrong))
    except DriverError as error:
        with suppress(DriverError):
            on.bench.off()
        return _step("failed", sentence(str(error)))
    if found.problems:
        return _step("failed", "; ".join(found.problems))
    on.values = found.values  # what failed is not used
    return _step("passed", "; ".join(found.remarks))


def identities_of(bench: Commissioned) -> dict[str, str]:
    """Return who the instruments answer that they are, by name; raises DriverError."""
    return {one.name: one.identity() for one in reversed(bench.instruments)}


def require_same(record: CommissioningRecord, bench: Bench, identities: Mapping[str, str]) -> None:
    """Raise BadInput where a record is of other instruments or cables, or of another specimen, than a bench has now.

    `identities`: what the instruments answer who they are, by name. What is not said on both sides is no difference.
    """
    before = {f"another {name}": one.identity for name, one in record.instruments.items()}
    now = {f"another {name}": text for name, text in identities.items()}
    before |= {"other cables": record.cables, "another unit": record.unit}
    now |= {"other cables": bench.file.cables or "", "another unit": bench.unit}
    for what, was in before.items():
        here = now.get(what)
        if was and here and was != here:
            raise BadInput(
                f"this record is of {what}: then '{was}', now '{here}'",
                "Begin anew with --anew",
                file=bench.file.source,
                field="commissioning",
            )


def _begun(bench: Bench, on_bench: Commissioned, plan: Plan) -> CommissioningRecord:
    """Return the record to go on with; raises BadInput where it is of another bench."""
    if isinstance(on_bench, Keithley2400):
        on_bench.off()
    else:
        on_bench.pstat.off()
    identities, before = identities_of(on_bench), plan.before
    adapter, cables = adapter_of(bench.file), bench.file.cables or ""
    if before is not None:
        require_same(before, bench, identities)
        cables = cables or before.cables
        if "A" not in plan.steps:  # which is the one that looks at the adapter
            adapter = before.adapter
    return CommissioningRecord(
        bench=bench.name,
        made=datetime.now(UTC),
        by=plan.by,
        program=f"solbench {solbench.__version__}",
        instruments={name: InstrumentRecord(identity=text) for name, text in identities.items()},
        adapter=adapter,
        cables=cables,
        unit=bench.unit if bench.simulated else "",
        dialogue=plan.dialogue,
        steps=before.steps if before is not None else {},
        values=before.values if before is not None else Values(),
    )


def _with_step(
    record: CommissioningRecord, step: Step, found: StepRecord, values: Values
) -> CommissioningRecord:
    steps = {one: record.steps[one] for one in STEPS if one in record.steps} | {step: found}
    return record.model_copy(
        update={
            # as old as the oldest step that counts: one that is carried out again makes the others no younger
            "made": min(
                (one.at for one in steps.values() if one.outcome == "passed"), default=datetime.now(UTC)
            ),
            "steps": {one: steps[one] for one in STEPS if one in steps},
            "values": values,
        }
    )


def _left_out(remark: str) -> StepRecord:
    return _step("left_out", remark)


def _step(outcome: Outcome, remark: str) -> StepRecord:
    return StepRecord(outcome=outcome, at=datetime.now(UTC), remark=remark)


def _after_colon(text: str) -> str:
    return f": {text}" if text else ""
