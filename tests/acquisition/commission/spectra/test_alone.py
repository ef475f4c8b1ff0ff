"""The leads of the 1260 alone: what was found is true, and a pellet beside the pair is itself once it is taken off."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from solbench.acquisition.bench.bench_file import FoundRecord
from solbench.acquisition.bench.commissioning.record import CommissioningRecord
from solbench.acquisition.bench.commissioning.shipped_record import shipped_record
from solbench.acquisition.bench.commissioning.use import corrections_of
from solbench.acquisition.record.reader import open_run
from solbench.analysis.summary import summarise
from solbench.simulators.electronics.faults import Leads
from solbench.simulators.electronics.signals import V1, I
from tests.acquisition.commission.specimens import Done, bench_file, commission
from tests.acquisition.runs import request, seen_run


@cache
def done(unit: int) -> Done:
    return commission(unit, only=("A", "K"))


@pytest.mark.parametrize(
    "unit", [5, 6, *(pytest.param(one, marks=pytest.mark.long) for one in range(200, 250))]
)
def test_leads_are_found_within_their_uncertainty_at_every_frequency(unit: int) -> None:
    found = done(unit)
    assert found.outcome("K") == "passed", found.remark("K")
    leads, true = corrections_of(found.record).alone, found.truth.settings.analyzer_leads  # type: ignore[attr-defined]
    for frequency_Hz in np.geomspace(1e4, 3.2e7, 23):
        omega = 2.0 * math.pi * frequency_Hz
        for seen, real, stderr in (
            (
                leads.series_ohm(frequency_Hz),
                1j * omega * true.inductance_H,
                leads.series_stderr_ohm(frequency_Hz),
            ),
            (
                leads.across_S(frequency_Hz),
                true.leakage_S + 1j * omega * true.capacitance_F,
                leads.across_stderr_S(frequency_Hz),
            ),
        ):
            assert abs(seen - real) < 3.0 * stderr < 0.2 * max(abs(real), 0.5)


def pellet(folder: Path, unit: str | int, record: CommissioningRecord | None, instruments: str, top: str):
    """Points of a pellet that count, how many there are, and how far each is from the pellet itself."""
    bench = bench_file(unit)
    if record is not None:
        bench = bench.with_record(FoundRecord("b.json", record.text(), record))
    wanted = request(
        folder / f"{instruments}.h5",
        "ionic-conductivity",
        "nps",
        bench,
        (f"instruments={instruments}", f"top={top}"),
    )
    seen = seen_run(wanted)
    run = open_run(wanted.run)
    points = run.points
    z = points["real_ohm"] + 1j * points["imaginary_ohm"]
    true = np.array([seen.truth.cell.impedance(float(one)) for one in points["frequency_Hz"]])
    return points, np.abs(z / true - 1.0), summarise(run)


@pytest.mark.long
@pytest.mark.parametrize("unit", ["typical", 8])
def test_a_pellet_of_the_1260_alone_is_that_of_the_pair_and_of_the_truth(
    tmp_path: Path, unit: str | int
) -> None:
    record = shipped_record("typical", "b") if unit == "typical" else commission(unit).record
    assert record is not None
    points, off, alone = pellet(tmp_path, unit, record, "1260", "32 MHz")
    counts = ~points["untrusted"].astype(bool)
    assert points["frequency_Hz"][counts].max() > 1e7
    assert off[counts].max() < 0.02
    _, _, pair = pellet(tmp_path, unit, record, "pair", "1 MHz")
    one, other = alone.ionic_conductivity_S_cm, pair.ionic_conductivity_S_cm
    assert one is not None
    assert other is not None
    assert one == pytest.approx(other, rel=0.005)


def test_without_the_leads_nothing_counts_above_100_kHz_and_that_is_said_before(tmp_path: Path) -> None:
    record = commission(8, only=("A",)).record
    points, off, _ = pellet(tmp_path, 8, record, "1260", "32 MHz")
    counts = ~points["untrusted"].astype(bool)
    assert 5e4 < points["frequency_Hz"][counts].max() <= 1e5
    assert off[~counts].max() > 0.2  # it would have been wrong by so much
    (check,) = [event.body for event in open_run(tmp_path / "1260.h5").events if event.kind == "start_check"]
    assert any(
        "the 1260 alone with its leads is accurate to 1 % and 1 degree up to 100 kHz" in one.text
        for one in check.findings
    )


@pytest.mark.parametrize(
    ("exchanged", "leads", "words"),
    [
        ({"short bar": "10 ohm"}, None, "do not meet at the part"),
        ({"short bar": "open"}, None, "do not meet"),
        ({"open": "10 kohm"}, None, "open leads carry"),
        ({"100 ohm": "1 kohm"}, None, "another part is in its leads"),
        ({}, Leads(loose_inputs=frozenset({I})), "do not meet|sees nothing"),
        ({}, Leads(loose_inputs=frozenset({V1})), "do not meet|sees nothing"),
        ({}, Leads(loose_generator=True), "do not meet|sees nothing"),
    ],
)
def test_another_part_or_a_lead_that_is_off_fails_the_step_and_nothing_is_stored(
    exchanged, leads, words
) -> None:
    found = commission(9, only=("A", "K"), exchanged=exchanged, leads=leads)
    assert found.outcome("K") == "failed"
    assert any(one in found.remark("K") for one in words.split("|")), found.remark("K")
    assert found.record.values.analyzer_highest_Hz is None
    assert not found.record.values.analyzer_leads.short
    assert not found.is_on
