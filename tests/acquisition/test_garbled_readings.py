"""One wrong character in a reading changes nothing; the same one three times in turn pauses the run.

The protocol holds every kind of reading that decides: a rest by its slope, the voltage that a spectrum is held at and
its range, ends by charge, voltage and current, a held voltage, the zeros of the ammeter.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.acquisition.runs import CURRENT_A, Seen, quiet_bench, request, run_it, watched_benches
from tests.tiers import few

DECIDING = """
name: deciding
build: half
conditions: {temperature: unknown, stack_pressure: unknown}
interruptions: {wait_for_user: 1 min}
record: {every: 1 s}
steps:
  - {name: rest, kind: rest, slope: 1 mV/min, over: 5 s, at_least: 6 s, at_most: 30 s}
  - name: spectrum
    kind: impedance
    from: 100 kHz
    to: 10 kHz
    points_per_decade: 2
    amplitude: 10 mV
    integration: 0.1 s
  - {name: charge, kind: constant_current, current: -0.16 mA/cm2, until: {capacity: 0.0003 mAh/cm2}}
  - {name: down, kind: constant_current, current: -0.16 mA/cm2, until: {voltage: 0.4 V}}
  - name: hold
    kind: constant_voltage
    voltage: 0.45 V
    current_limit: 0.2 mA/cm2
    until: {current: 0.07 mA/cm2, time: 15 s}
  - {name: up, kind: constant_current, current: 0.16 mA/cm2, until: {voltage: 0.6 V}}
"""
IN_A_RUN = 3  # so many limits that the next reading does not confirm are allowed in an hour
FIELDS = {"voltage": 0, "current": 13}


def place_and_character(draw: random.Random) -> tuple[int, str]:
    """A place in the line of a reading, +p.pppppE+pp,+p.pppppE+pp,00,00, and what may stand there."""
    field = FIELDS[draw.choice(sorted(FIELDS))]
    match draw.choice(["digit", "sign", "exponent"]):
        case "digit":
            return field + draw.choice([1, 3, 4, 5, 6, 7]), str(draw.randrange(10))
        case "sign":
            return field, draw.choice("+-")
        case _:
            return field + draw.choice([9, 10, 11]), draw.choice("+-0123456789")


def garbled_run(run: Path, garbles: list[tuple[int, int, str, int]]) -> Seen:
    """Run it with garbles: after so many readings, at this place, this character, so many times in turn."""
    seen = Seen()

    def opened(bench) -> None:
        seen.bench = bench
        faults = bench.truth.faults
        faults.active = True
        for after, place, character, count in garbles:
            faults.alter_readings("1287", place, character, count=count, after=after)

    with watched_benches(opened):
        seen.result = run_it(request(run, DECIDING, bench=quiet_bench()), seen.events.append)
    return seen


@pytest.fixture(scope="module")
def clean(tmp_path_factory) -> Seen:
    seen = garbled_run(tmp_path_factory.mktemp("clean") / "a.h5", [])
    assert seen.result.completed
    return seen


def require_as_without(seen: Seen, clean: Seen) -> None:
    """The run ended as it does without, its charge is the cell's, and each step ended within one reading of time."""
    assert seen.result.completed, seen.result.reason
    assert seen.of("paused") == []
    ends, wanted = seen.of("segment_end"), clean.of("segment_end")
    # Two millivolts agree, but are a slope: a rest may take longer for them.
    longer = {("time", "slope")}
    decided = [(end.body.quantity, other.body.quantity) for end, other in zip(ends, wanted, strict=True)]
    assert all(one == other or (one, other) in longer for one, other in decided)
    for end, other in zip(ends, wanted, strict=True):
        assert end.body.step_charge_C == pytest.approx(other.body.step_charge_C, abs=1.2 * CURRENT_A)
        if end.body.quantity == "charge":
            assert end.body.value == pytest.approx(end.body.limit, rel=1e-3)
    booked_C = seen.of("edge")[-1].body.charge_C
    assert booked_C == pytest.approx(seen.truth.charge_C, abs=1e-3 * abs(clean.truth.charge_C))


def require_unharmed(folder: Path, clean: Seen, seed: int) -> int:
    """Garble readings of one run at random; return how many were rejected."""
    draw, readings = random.Random(seed), clean.bench.truth.faults.readings["1287"]
    garbles = [(draw.randrange(readings), *place_and_character(draw), 1) for _ in range(IN_A_RUN)]
    seen = garbled_run(folder / f"{seed}.h5", garbles)
    require_as_without(seen, clean)
    return len(seen.of("rejected"))


@few("seed", range(4), (1,))
def test_wrong_characters_change_nothing(tmp_path, clean, seed):
    require_unharmed(tmp_path, clean, seed)


@pytest.mark.long
def test_two_thousand_wrong_characters_change_nothing(tmp_path, clean):
    rejected = sum(require_unharmed(tmp_path, clean, seed) for seed in range(1000, 1667))
    assert rejected > 600  # many are no other character, or too small to matter


@few("seed", range(4), 1)
def test_the_same_wrong_character_three_times_in_turn_never_completes_with_a_wrong_number(
    tmp_path, clean, seed
):
    draw, readings = random.Random(-1 - seed), clean.bench.truth.faults.readings["1287"]
    seen = garbled_run(tmp_path / "a.h5", [(draw.randrange(readings), *place_and_character(draw), 3)])
    assert not seen.truth.polarized
    if seen.result.completed:
        require_as_without(seen, clean)
    else:
        assert seen.of("paused") or seen.result.outcome == "limit"
        assert seen.of("end")[-1].body.verified_safe


def test_a_rejected_reading_is_kept_as_it_came(tmp_path, clean):
    edge = next(event for event in clean.of("edge") if event.body.action == "current")
    before = sum(event.time_s < edge.time_s for event in clean.of("sample"))
    seen = garbled_run(tmp_path / "a.h5", [(before + 60, 1, "7", 1)])
    rejected = seen.of("rejected")
    assert len(rejected) == 1
    assert rejected[0].body.text[1] == "7"
    assert abs(rejected[0].body.voltage_V) > 0.7
    require_as_without(seen, clean)
