"""What a bench may be used for, by its commissioning record; what is missing, and what will soon be.

A refusal is for the beginning of a run alone. Nothing here stops a run that was begun, or its resume.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.commissioning.record import (
    IDEAL,
    NAMES,
    STEPS,
    STEPS_OF,
    VALID,
    CommissioningRecord,
    Step,
)
from solbench.acquisition.bench.devices import devices_of
from solbench.protocols.errors import BadInput

DIRECT: tuple[Step, ...] = ("A", "C", "D", "I", "J")
"""Without these a real bench drives nothing but dummy cells."""
SPECTRA: tuple[Step, ...] = ("E", "F", "G", "H")
"""Without these it takes no spectra from which anything is concluded."""
BY_MODEL: Mapping[str, tuple[tuple[Step, ...], tuple[Step, ...], tuple[Step, ...]]] = {
    "solartron": (STEPS, DIRECT, SPECTRA),
    "ec301": (STEPS, DIRECT, SPECTRA),
    "keithley2400": (STEPS_OF["2400"][:-1], STEPS_OF["2400"][:-1], ()),
    "keithley2400_1260": (STEPS_OF["2400"], STEPS_OF["2400"][:-1], ("K",)),
}
"""By the model of a bench: the steps that it has, those without which it drives nothing, and takes no spectra."""
EARLY = timedelta(days=30)


@dataclass(frozen=True)
class Standing:
    """How far a bench is commissioned.

    `needed`: the rules hold for it; not for a simulated one. `record`: None where it has none. `typed`: the date that
    a bench file of version 0.1.0 has in its place, which vouches for direct current alone. `lacks_direct`,
    `lacks_spectra`: the steps that are missing for each. `ends`: None where there is nothing that could end.
    """

    needed: bool
    record: CommissioningRecord | None
    typed: date | None
    lacks_direct: tuple[Step, ...]
    lacks_spectra: tuple[Step, ...]
    ends: datetime | None

    def has_ended(self, now: datetime) -> bool:
        """Say whether it is too old to begin a run with."""
        return self.ends is not None and now >= self.ends

    def is_to_come(self, now: datetime) -> bool:
        """Say whether the typed date lies ahead, whatever the zone: nobody has commissioned anything then."""
        return self.typed is not None and self.typed > (now + timedelta(days=1)).date()

    def ends_soon(self, now: datetime) -> bool:
        """Say whether it ends within thirty days."""
        return self.ends is not None and now < self.ends <= now + EARLY


def standing(bench: BenchFile) -> Standing:
    """Return how far a bench is commissioned, by its record, or by the date that is typed in its file."""
    found = bench.record
    _, direct, spectra = steps_of(bench)
    if found is not None:
        record = found.record
        return Standing(
            not bench.is_simulated,
            record,
            None,
            record.missing(direct),
            record.missing(spectra),
            record.ends,
        )
    typed = bench.commissioned
    if typed is None:
        return Standing(not bench.is_simulated, None, None, direct, spectra or SPECTRA, None)
    ends = datetime(typed.year, typed.month, typed.day, tzinfo=UTC) + VALID
    return Standing(not bench.is_simulated, None, typed, (), spectra or SPECTRA, ends)


def steps_of(bench: BenchFile) -> tuple[tuple[Step, ...], tuple[Step, ...], tuple[Step, ...]]:
    """Return the steps that a bench of this model has, those for direct current, and those for spectra."""
    applies, direct, spectra = BY_MODEL.get(bench.model, BY_MODEL["solartron"])
    if "standalone impedance" in bench.abilities:
        return applies, direct, spectra
    return _without_k(applies), direct, _without_k(spectra)  # a 1255B has no I input


def _without_k(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step != "K")


def concludes(bench: BenchFile, unit: str) -> bool:
    """Say whether anything may be concluded from the spectra of a bench; `unit`: which simulated specimen it is."""
    return unit == IDEAL or (is_of_unit(bench, unit) and not standing(bench).lacks_spectra)


def is_of_unit(bench: BenchFile, unit: str) -> bool:
    """Say whether the record of a bench, if it has one, may be of this simulated specimen."""
    return bench.record is None or not (unit and bench.record.record.unit) or bench.record.record.unit == unit


def require_commissioned(bench: BenchFile, now: datetime, *, dummy_cell: bool, spectra: bool) -> None:
    """Raise BadInput where a run must not begin on a real bench: `spectra`, if it takes some.

    A dummy cell may be driven on any.
    """
    found = standing(bench)
    if not found.needed or dummy_cell:
        return
    if found.has_ended(now):
        raise _refusal(bench, f"its commissioning {_ended(found)}", "Commission it again")
    if found.is_to_come(now):
        raise _refusal(
            bench, f"its commissioning is dated {found.typed}, a day to come", "Write when that was"
        )
    if found.lacks_direct:
        known = (
            "it has no commissioning record" if found.record is None else "its commissioning is not complete"
        )
        raise _refusal(bench, f"{known}; {in_words(found.lacks_direct)} must have been passed")
    if spectra and found.lacks_spectra:
        raise _refusal(bench, _no_spectra(found))


def _refusal(bench: BenchFile, problem: str, cure: str = "Carry these steps out") -> BadInput:
    field = "commissioned" if bench.record is None and bench.commissioned is not None else "commissioning"
    return BadInput(
        f"this bench may not drive the cell yet: {problem}",
        f"{cure}, and name the record in the bench file; until then mount a dummy cell and say --dummy-cell",
        file=bench.source,
        field=field,
    )


def _no_spectra(found: Standing) -> str:
    steps = in_words(found.lacks_spectra)
    if found.typed is None:
        return f"this protocol takes spectra, and {steps} must have been passed for those"
    return (
        f"this protocol takes spectra, and the date {found.typed} vouches for direct current alone, which still works; "
        f"spectra need a commissioning record with {steps}"
    )


def _ended(found: Standing) -> str:
    if found.record is None:
        return f"was on {found.typed}, more than twelve months ago"
    return f"was on {found.record.made:%Y-%m-%d}, more than twelve months ago"


def in_words(steps: tuple[Step, ...]) -> str:
    """Return steps with what they are.

    >>> in_words(("A", "C"))
    'the steps A (talk) and C (off is off)'
    """
    named = [f"{step} ({NAMES[step]})" for step in steps]
    if len(named) == 1:
        return f"the step {named[0]}"
    return f"the steps {', '.join(named[:-1])} and {named[-1]}"


def are_missing(steps: tuple[Step, ...]) -> str:
    """Return that some steps are missing.

    >>> are_missing(("A",)), are_missing(("A", "C"))
    ('the step A (talk) is missing', 'the steps A (talk) and C (off is off) are missing')
    """
    return f"{in_words(steps)} {'is' if len(steps) == 1 else 'are'} missing"


def remarks(bench: BenchFile, now: datetime, identities: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return what a user should know early: a record that ends or lacks something, and what has changed since.

    `identities`: what the instruments answer who they are, by name; None where they were not asked.
    """
    found = standing(bench)
    lacks_spectra = found.lacks_spectra if {"impedance", "standalone impedance"} & bench.abilities else ()
    told: list[str] = []
    if found.needed and found.lacks_direct:
        told.append(f"this bench drives dummy cells alone: {are_missing(found.lacks_direct)}")
    elif found.needed and lacks_spectra:
        told.append(f"no spectra: {_no_spectra(found).removeprefix('this protocol takes spectra, and ')}")
    elif not found.needed and lacks_spectra and bench.kind == "simulated" and bench.unit != IDEAL:
        told.append(f"nothing will be concluded from spectra: {are_missing(lacks_spectra)}")
    if found.ends is not None and found.needed:
        if found.is_to_come(now):
            told.append(f"its commissioning is dated {found.typed}, a day to come: no run begins")
        elif found.has_ended(now):
            told.append(f"its commissioning {_ended(found)}: no run begins; one that was begun goes on")
        elif found.ends_soon(now):
            days = (found.ends - now).days
            told.append(
                f"its commissioning ends on {found.ends:%Y-%m-%d}, in {days} days; runs go on after that"
            )
    if found.record is not None:
        told += changes(bench, found.record, identities or {})
    return tuple(told)


def changes(bench: BenchFile, record: CommissioningRecord, identities: Mapping[str, str]) -> list[str]:
    """Return what is not as it was when a bench was commissioned: instruments, adapter, cables."""
    told = [
        f"the {name} answered '{record.instruments[name].identity}' at its commissioning, now '{identity}'"
        for name, identity in identities.items()
        if name in record.instruments and record.instruments[name].identity != identity
    ]
    pairs = (("adapter", record.adapter, adapter_of(bench)), ("cables", record.cables, bench.cables or ""))
    told += [
        f"it was commissioned with the {name} '{before}', now '{here}'"
        for name, before, here in pairs
        if before and here and before != here
    ]
    return [f"{one}: commission it again" for one in told]


def adapter_of(bench: BenchFile) -> str:
    """Return what is between the PC and the instruments: by USB serial number where there is one, "" if simulated."""
    if bench.kind == "simulated":
        return ""
    devices = sorted(f"USB {one.serial_number}" for one in devices_of(bench).values())
    return (
        ", ".join(devices)
        or bench.adapter
        or (f"VISA {bench.visa_library}".strip() if bench.kind == "visa" else "")
    )
