"""The start check: what must be so before a cell is switched on, as a page of text.

It reads and switches nothing on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from solbench.acquisition.bench.bench_file import BenchFile
from solbench.acquisition.bench.commissioning.standing import remarks, require_commissioned, standing
from solbench.acquisition.bench.gauges.shown import read_all
from solbench.acquisition.bench.gauges.watched import WatchedGauge
from solbench.acquisition.host.keep_awake import find_way
from solbench.acquisition.record.events import CheckCode, CheckLine, Parameters
from solbench.acquisition.run.disk_space import free_bytes, needed_bytes
from solbench.drivers.clock import Clock
from solbench.drivers.errors import DriverError
from solbench.drivers.roles import DcBench, Equipment, Reading
from solbench.protocols import Build, Estimate, Protocol, format_size, plan, takes_spectra
from solbench.protocols.cells import FULL, CellState
from solbench.protocols.conditions import Conditions
from solbench.protocols.errors import BadInput
from solbench.protocols.segments import Sweep

START_CHECK_A = 1e-4  # range of the reading before a run; the cell is off
QUIET_OF_RANGE = 0.01  # two readings of no current differ by less
AGREEING, MOST_READINGS = 4, 9
STAYS_V = 0.1  # by so much the voltage of a cell at rest may have moved since it was last seen
SURELY_USED = 0.25  # of the capacity: with so much in it a cell shows no voltage of a fresh one
STATES: Mapping[CellState, str] = {
    "fresh": "fresh (never used)",
    "sodiated": "sodiated (its electrode is full)",
    "used": "used (anything else, such as partly filled)",
}
OPEN_LEAD_SCATTER_V = 0.01  # a voltage lead that hangs in the air wanders more than this


@dataclass(frozen=True)
class Finding:
    """One line of the page: what was looked at, whether it is as it should be, and what was found.

    `remark`: it prevents no start, but the user should know. `code` and `parameters` say the same to programs.
    """

    name: str
    passed: bool
    text: str
    remark: bool = False
    code: CheckCode = ""
    parameters: Parameters | None = None

    def __str__(self) -> str:
        word = "FAIL" if not self.passed else "note" if self.remark else "ok  "
        return f"{word}  {self.name}: {self.text}"


def disk_finding(folder: Path, estimate: Estimate) -> Finding:
    """Look at the room on the disk."""
    free = free_bytes(folder)
    needed = needed_bytes(estimate.file_bytes, estimate.samples)
    text = f"{format_size(free)} free, {format_size(needed)} needed for this run"
    return Finding(
        "disk", free >= needed, text if free >= needed else f"{text}; free some space, or choose another disk"
    )


def sleep_finding() -> Finding:
    """Look whether the PC can be kept awake during a run."""
    way = find_way()
    return Finding("sleep of the PC", passed=True, text=way.text, remark=not way.works)


def commissioning_findings(
    bench: BenchFile,
    now: datetime,
    protocol: Protocol,
    *,
    dummy_cell: bool = False,
    identities: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Look whether a bench is commissioned for what a protocol does, and what of that will end or has changed.

    `identities`: what the instruments answer who they are, by name.
    """
    name, found = "commissioning", standing(bench)
    try:
        require_commissioned(bench, now, dummy_cell=dummy_cell, spectra=takes_spectra(protocol))
    except BadInput as refused:
        return [Finding(name, passed=False, text=f"{refused.message}. {refused.cure}")]
    told = [Finding(name, passed=True, text=text, remark=True) for text in remarks(bench, now, identities)]
    if told or found.record is None:
        return told
    return [Finding(name, passed=True, text=f"until {found.ends:%Y-%m-%d}")]


def frequency_findings(equipment: Equipment, protocol: Protocol, build: Build) -> list[Finding]:
    """Look up to which frequency the spectra of a protocol can be trusted on this bench, for this cell.

    The current range is that of the resistance of the electrolyte: the impedance is not smaller by much.
    """
    found: dict[str, Finding] = {}
    for sweep in (one for one in plan(protocol, build) if isinstance(one, Sweep)):
        highest_Hz, trusted_Hz, range_index = max(sweep.frequencies_Hz), math.inf, 0
        if sweep.instruments == "1260":
            if equipment.analyzer is not None:
                trusted_Hz = equipment.analyzer.trusted_to_Hz
        elif equipment.impedance is not None:
            held = equipment.impedance
            range_index = (
                held.choose_alternating_range(sweep.amplitude_A)
                if sweep.amplitude_A
                else held.choose_impedance_range(build.resistance_ohm, sweep.amplitude_V)
            )
            trusted_Hz = equipment.impedance.trusted_to_Hz(range_index)
        if highest_Hz > trusted_Hz * (1.0 + 1e-6):
            which = "this bench" if range_index else "the 1260 alone with its leads"
            where = f" on the range {range_index}, which this cell will need" if range_index else ""
            text = (
                f"spectra go to {highest_Hz / 1e3:g} kHz, and {which} is accurate to 1 % and 1 degree up to "
                f"{trusted_Hz / 1e3:g} kHz{where}; points above are measured, marked, and left out of every fit"
            )
            found[text] = Finding("highest frequency", passed=True, text=text, remark=True)
    return list(found.values())


def gauge_findings(gauges: Sequence[WatchedGauge], clock: Clock) -> list[Finding]:
    """Read what is beside the cell once; a sensor that does not answer is remarked on, and stops no run."""
    return [
        Finding(f"sensor {one.name}", passed=True, text=str(one), remark=one.value is None)
        for one in read_all(gauges, clock)
    ]


def instrument_findings(bench: DcBench) -> list[Finding]:
    """Ask the instruments who they are."""
    findings = []
    for instrument in bench.instruments:
        answers = f"the {instrument.name} answers"
        try:
            findings.append(Finding(answers, passed=True, text=instrument.identity()))
        except DriverError as error:
            findings.append(Finding(answers, passed=False, text=str(error)))
    return findings


def identities_of(bench: DcBench, answers: Sequence[Finding]) -> dict[str, str]:
    """Return who the instruments are, by name, of the findings `instrument_findings` made of this bench."""
    pairs = zip(bench.instruments, answers, strict=True)
    return {instrument.name: found.text for instrument, found in pairs if found.passed}


def cell_findings(bench: DcBench, build: Build, conditions: Conditions) -> list[Finding]:
    """Read the open-circuit voltage: window and sign, open leads, and no current although the cell is off.

    `conditions` are those of the protocol: they say in which state the cell is, and perhaps what it holds.
    """
    bench.prepare_current(START_CHECK_A)
    first, second = _read_twice(bench)
    return [
        _voltage(first, build, conditions.state_before),
        *_history(first.voltage_V, build, conditions),
        _steady(first, second),
        _no_current(second, bench.full_scale_A),
    ]


def _read_twice(bench: DcBench) -> tuple[Reading, Reading]:
    """Return two of the first readings that agree, four of them; the first two where there are none.

    A disturbed line may last for three. An overload agrees with nothing, unless every reading is one.
    """
    allowed_A = QUIET_OF_RANGE * bench.full_scale_A
    readings: list[Reading] = []
    while len(readings) < MOST_READINGS:
        readings.append(bench.measure())
        alike = [reading for reading in readings if _agree(reading, readings[-1], allowed_A)]
        if len(alike) == AGREEING:
            return alike[0], alike[1]
    return readings[0], readings[1]


def _agree(one: Reading, other: Reading, allowed_A: float) -> bool:
    return (
        not one.overload
        and not other.overload
        and abs(one.voltage_V - other.voltage_V) <= OPEN_LEAD_SCATTER_V
        and abs(one.current_A - other.current_A) <= allowed_A
    )


def failures(findings: list[Finding]) -> str:
    """Return what failed, as one sentence each, "" if nothing did."""
    return "; ".join(f"{finding.name}: {finding.text}" for finding in findings if not finding.passed)


def journaled(findings: Sequence[Finding]) -> tuple[CheckLine, ...]:
    """Return the lines as the journal has them."""
    return tuple(
        CheckLine(
            name=found.name,
            passed=found.passed,
            text=found.text,
            code=found.code,
            parameters=found.parameters,
        )
        for found in findings
    )


def _voltage(reading: Reading, build: Build, stated: CellState) -> Finding:
    state, (low_V, high_V) = build.start_window_of(stated)
    least_V, most_V = build.start_window_V
    voltage_V = reading.voltage_V
    kind = "healthy" if state == "used" else state
    shown = f"{voltage_V:.4f} V, a {kind} {build.name} cell shows {low_V:g} to {high_V:g} V"
    where: Parameters = {"voltage_V": voltage_V, "low_V": low_V, "high_V": high_V}
    passed = False
    code: CheckCode
    if reading.overload:
        cure = "look for an open lead, or a voltage beyond 20 V"
        code, text = "voltage_overload", f"a meter is overloaded ({reading.overload}); {cure}"
    elif low_V <= voltage_V <= high_V:
        passed, code, text = True, "voltage_in_window", shown
    elif low_V <= -voltage_V <= high_V:
        turned = "the sign is reversed: the leads are swapped, or positive_terminal in the bench file is"
        code, text = "voltage_leads_swapped", f"{shown}. Nothing was switched on: {turned}"
    elif least_V <= voltage_V <= most_V:
        others = " or ".join(words for other, words in STATES.items() if other != state)
        cure = f"look at the cell: is it the right one? If so, write in conditions.cell_state that it is {others}"
        code, text = "voltage_of_another_state", f"{shown}. Nothing was switched on: {cure}"
    else:
        cure = "look for swapped leads, an open lead or a dead cell"
        code, text = "voltage_outside_window", f"{shown}. Nothing was switched on: {cure}"
    return Finding("open-circuit voltage", passed, text, code=code, parameters=where)


def _history(voltage_V: float, build: Build, conditions: Conditions) -> list[Finding]:
    """Hold the voltage against what the cell is said to hold, and to have shown after that."""
    name, known = "state of charge", conditions.open_circuit
    if known is not None:
        agrees = abs(voltage_V - known.value) <= STAYS_V
        shown = f"{voltage_V:.4f} V, and {known.value:.4f} V when it was last seen"
        return [_held(name, agrees, shown, voltage_V, known.value - STAYS_V, known.value + STAYS_V)]
    capacity_C, held_C = build.capacity_C, conditions.begun_C(build)
    if not held_C or not capacity_C:
        return []
    share, fresh_V, full_V = held_C / capacity_C, build.fresh_window_V, build.sodiated_window_V
    if build.kind == "half" and share >= FULL and full_V is not None:
        agrees = full_V[0] <= voltage_V <= full_V[1]
        usual = f"one so full shows {full_V[0]:g} to {full_V[1]:g} V"
        return [
            _held(
                name, agrees, f"{voltage_V:.4f} V with {share:.0%} in the cell; {usual}", voltage_V, *full_V
            )
        ]
    if fresh_V is None or not conditions.passed_C(build):  # as it was put together: its own window tells
        return []
    agrees = share < SURELY_USED or not fresh_V[0] <= voltage_V <= fresh_V[1]
    shown = f"{voltage_V:.4f} V with {share:.0%} in the cell; a fresh one shows {fresh_V[0]:g} to {fresh_V[1]:g} V"
    return [_held(name, agrees, shown, voltage_V, *fresh_V)]


def _held(name: str, agrees: bool, shown: str, voltage_V: float, low_V: float, high_V: float) -> Finding:
    text = (
        shown
        if agrees
        else (
            f"{shown}. Nothing was switched on: what the cell is said to hold and its voltage contradict each other. "
            "Look whether it is the right cell, against the electrode that its record names, and correct "
            "conditions.state_of_charge, history or open_circuit"
        )
    )
    code: CheckCode = "voltage_as_its_history" if agrees else "voltage_contradicts_history"
    where: Parameters = {"voltage_V": voltage_V, "low_V": low_V, "high_V": high_V}
    return Finding(name, agrees, text, code=code, parameters=where)


def _steady(first: Reading, second: Reading) -> Finding:
    moved_V = abs(second.voltage_V - first.voltage_V)
    text = f"two readings differ by {moved_V * 1e3:.2f} mV"
    steady = moved_V <= OPEN_LEAD_SCATTER_V
    return Finding(
        "voltage leads",
        steady,
        text if steady else f"{text}; a voltage lead seems to be open",
        code="voltage_steady" if steady else "voltage_lead_open",
        parameters={"moved_V": moved_V},
    )


def _no_current(reading: Reading, full_scale_A: float) -> Finding:
    text = f"{reading.current_A * 1e9:.0f} nA with the cell off"
    quiet = abs(reading.current_A) <= 0.02 * full_scale_A
    return Finding(
        "current",
        quiet,
        text if quiet else f"{text}; the instrument does not open the cell, or its zero is far off",
        code="current_none" if quiet else "current_flows",
        parameters={"current_A": reading.current_A},
    )
