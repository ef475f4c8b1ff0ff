"""Every fault, in every kind of segment, in every phase of it: no hang, nothing untold, nothing wrong, the cell off."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from solbench.acquisition.record.events import Event
from solbench.protocols.check import check_bench
from tests.faults.judge import wrong
from tests.faults.known import KNOWN
from tests.faults.phases import PHASES
from tests.faults.plans import SEGMENTS, protocol_of
from tests.faults.play import Cell, Played, bench_of, cells, play, without
from tests.faults.registry import FAULTS
from tests.tiers import few

SEED = 11
UNITS_SEED = 5
DRAWN_UNITS = 50
QUICKLY_PLAYED = ("dropped connection", "PC asleep", "lost answer")  # the first run already shows them
QUICK_SEGMENTS = ("ConstantCurrent", "ByHand", "Rest", "Prompt")
# two that a device clear resets, one that breaks off; lines end with CR or without EOI, and one has a turned polarity
DIFFERENT_UNITS = (8, 11, 30, 43)


def parameters(chosen: list[Cell]) -> list[Any]:
    """Cells as parameters of a test; those that are known to fail are expected to."""
    found = []
    for cell in chosen:
        reason = KNOWN.get(cell)
        marks = [] if reason is None else [pytest.mark.xfail(reason=reason, strict=True)]
        found.append(pytest.param(cell, id=str(cell), marks=marks))
    return found


def spread(seed: int) -> list[Cell]:
    """One cell of each fault, such that every segment and every phase comes; a chamber is where it is waited for.

    Each segment comes once, and then those that are played quickly.
    """
    phases, segments = list(PHASES), [name for name in SEGMENTS if name != "Condition"]
    segments += [QUICK_SEGMENTS[place % len(QUICK_SEGMENTS)] for place in range(len(FAULTS) - len(segments))]
    return [
        Cell(
            fault,
            "Condition" if fault.startswith("chamber") else segments[place],
            phases[place % len(phases)],
            seed,
        )
        for place, fault in enumerate(FAULTS)
    ]


@pytest.mark.parametrize("cell", parameters(spread(SEED)))
def test_a_cell_of_the_table(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


@few(
    ("cell", "came"),
    [
        (Cell("cut-out", "LinearScan", "switching on"), "cut_short"),
        (Cell("cut-out", "LinearScan", "holding"), "cut_short"),
        (Cell("lead off", "CyclicScan", "switching off"), "completed"),  # swept again, once the lead is on
        (Cell("dropped connection", "CyclicScan", "holding", 11), "completed"),  # its ramp ran on unwatched
    ],
    (0, 1, 3),
    ids=str,
)
def test_a_sweep_counts_only_where_it_was_swept(cell: Cell, came: str) -> None:
    played = play(cell)
    assert wrong(cell, played) == []
    assert played.result.outcome == came


def test_a_current_that_ends_before_its_first_reading_is_in_doubt() -> None:
    cell = Cell("cut-out", "UnbrokenVoltage", "holding", 5, 42)
    played = play(cell)
    assert wrong(cell, played) == []
    assert [gap.body.cause for gap in played.of("gap")] == ["jumped"]


def test_a_pc_that_sleeps_until_a_step_is_over_has_not_watched_it() -> None:
    cell = Cell("PC asleep", "UnbrokenVoltage", "holding", 1)
    played = play(cell)
    assert wrong(cell, played) == []
    last_s = played.of("sample")[-1].time_s
    off_s = next(edge.time_s for edge in reversed(played.of("edge")) if edge.body.action == "off")
    assert off_s - last_s > 20.0  # slept
    assert played.of("segment_end")[-1].body.worst_gap_s == pytest.approx(off_s - last_s, abs=0.5)


@pytest.mark.long
@pytest.mark.parametrize("cell", parameters([*cells(0), *cells(1)]))
def test_every_cell_of_the_table(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


def of_model(model: str, seed: int) -> list[Cell]:
    """Cells of the table on a bench of another make, in the segments that it can carry out."""
    abilities = bench_of("Rest", "ideal", model).abilities
    able = [name for name in SEGMENTS if not check_bench(protocol_of(name), "", abilities)]
    return [replace(cell, model=model) for cell in cells(seed) if cell.segment in able]


OTHER_MAKES = {  # how many cells of each
    "ec301": 150,
    "keithley2400_1260": 150,
    "keithley2400": 80,
    "solartron+1255B": 40,
    "ec301+1255B": 40,
    "keithley2400_1260+1255B": 40,
    "ec301+1260A": 20,
}


@few(
    "cell",
    [
        Cell("silence", "ConstantCurrent", "holding", 2, model="ec301"),
        Cell("refused command", "ConstantCurrent", "switching on", 2, model="keithley2400_1260"),
        Cell("power cycle", "Rest", "holding", 2, model="keithley2400_1260"),
        Cell("lost answer", "Sweep", "holding", 1, model="ec301+1255B"),
        Cell("spoilt line", "Polarization", "holding", 1, model="keithley2400"),
        Cell("lead off", "Polarization", "switching off", 1, model="ec301"),  # ten times as much for 0.3 s
    ],
    (0, 1, 3, 4),
    ids=str,
)
def test_a_cell_on_a_bench_of_another_make(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "cell",
    parameters(
        [
            cell
            for model, count in OTHER_MAKES.items()
            for cell in random.Random(SEED).sample(of_model(model, 1), count)
        ]
    ),
)
def test_many_cells_on_benches_of_other_makes(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


def on_units(units: range, count: int) -> list[Cell]:
    """Cells of the table on units other than the ideal one, `count` on each."""
    found = []
    for unit in units:
        draw = random.Random(f"unit {unit}")
        found += [replace(cell, unit=unit) for cell in draw.sample(cells(UNITS_SEED), count)]
    return found


@few(
    "cell",
    parameters([one for unit in DIFFERENT_UNITS for one in on_units(range(unit, unit + 1), 1)]),
    (1, 3),
)
def test_a_cell_of_the_table_on_another_unit(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


@pytest.mark.long
@pytest.mark.parametrize("cell", parameters(on_units(range(DRAWN_UNITS), 6)))
def test_many_cells_of_the_table_on_other_units(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "cell",
    [
        Cell(fault, "Condition", phase, unit=unit)
        for unit in (1, 2)  # whose chamber has a Lake Shore
        for fault in FAULTS
        if fault.startswith("chamber")
        for phase in PHASES
    ],
    ids=str,
)
def test_a_fault_of_a_chamber_with_a_lake_shore(cell: Cell) -> None:
    assert wrong(cell, play(cell)) == []


@pytest.mark.parametrize(
    "fault",
    [name if name in QUICKLY_PLAYED else pytest.param(name, marks=pytest.mark.long) for name in FAULTS],
)
def test_a_fault_is_played(fault: str) -> None:
    """It changes what happens on the bus, what is written, or what is so in truth."""
    for seed in range(20):
        for segment in ("Condition",) if fault.startswith("chamber") else ("ConstantCurrent", "Sweep"):
            played = play(Cell(fault, segment, "holding", seed))
            if told(played) != told(without(segment, False)):
                return
    pytest.fail("nothing was different in any of the runs")


def told(played: Played) -> tuple[Any, ...]:
    kinds = [event.kind for event in played.events]
    return played.transfers, kinds, played.result.alarms, played.truth.charge_C


HELD = Cell("lost answer", "ConstantCurrent", "holding")
SWEPT = Cell("lost answer", "Sweep", "holding")


def changed(played: Played, kind: str, number: int, **fields: Any) -> Played:
    """The run with other fields in one event of a kind."""
    event = played.of(kind)[number]
    other = event._replace(body=replace(event.body, **fields))
    return replace(played, events=[other if one is event else one for one in played.events])


def left_out(played: Played, *left: Event) -> Played:
    return replace(played, events=[event for event in played.events if event not in left])


def clean(cell: Cell) -> Played:
    return replace(without(cell.segment, False), begun_s=0.0)


@pytest.mark.parametrize("cell", [HELD, SWEPT])
def test_a_run_without_a_fault_has_nothing_wrong(cell: Cell) -> None:
    assert wrong(cell, clean(cell)) == []


def test_what_is_not_so_is_found() -> None:
    held, swept = clean(HELD), clean(SWEPT)
    on = replace(held, truth=replace(held.truth, closed=True))
    longer = held.events[-1]._replace(time_s=1e5)
    weaker = [replace(look, current_A=0.5 * look.current_A) for look in held.looked]
    lower = [replace(look, voltage_V=look.voltage_V - 0.02) for look in held.looked]
    ramp = Cell("lost answer", "LinearScan", "holding")
    swept_line = clean(ramp)
    short_way = [replace(look, voltage_V=max(look.voltage_V, 0.7)) for look in swept_line.looked]
    cases = [
        (ramp, replace(swept_line, looked=short_way), "never came to 0.6 V"),
        (HELD, on, "said to be verified off"),
        (HELD, changed(held, "end", 0, verified_safe=False), "not verified off, and not said"),
        (HELD, replace(held, events=[*held.events[:-1], longer]), "hangs"),
        (HELD, replace(held, begun_s=None), "never began"),
        (HELD, left_out(held, *held.of("segment_end")), "segment 0 ended by None"),
        (HELD, changed(held, "edge", -1, charge_C=1.02 * held.truth.charge_C), "charge"),
        (HELD, replace(held, looked=weaker), "held for"),
        (HELD, replace(held, looked=lower), "voltage was never"),
        (HELD, changed(held, "sample", 9, voltage_V=1.9), "wrong and not flagged"),
        (HELD, changed(held, "sample", 9, current_A=-1e-4), "wrong and not flagged"),
        (SWEPT, left_out(swept, swept.of("point")[5]), "points of"),
        (SWEPT, changed(swept, "point", 5, real_ohm=1e5), "points are wrong"),
        (SWEPT, changed(swept, "segment_end", 0, duration_s=9.0), "took 9 s"),
        (SWEPT, replace(swept, looked=[replace(look, ac_V=0.0) for look in swept.looked]), "0 V rms at"),
    ]
    for cell, played, what in cases:
        assert what in " ".join(wrong(cell, played)), what
