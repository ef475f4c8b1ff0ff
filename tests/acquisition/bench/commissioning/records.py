"""Commissioning records made by hand, for benches whose truth the tests know."""

from __future__ import annotations

from datetime import UTC, datetime

from solbench.acquisition.bench.commissioning.record import (
    STEPS,
    CommissioningRecord,
    InstrumentRecord,
    LeadsRecord,
    Measured,
    RangeRecord,
    StepRecord,
    Values,
)

MADE = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)
LAG_S = 46e-9
POLE_HZ = 3459891.0  # 1 / (2 pi 46 ns)
LAGGING = f"interface: {{resistor_pole_Hz: [{', '.join([str(POLE_HZ)] * 8)}]}}"


def of(value: float, stderr: float = 0.0) -> Measured:
    return Measured(value=value, stderr=stderr)


def passed(but: str = "", made: datetime = MADE) -> dict[str, StepRecord]:
    """All steps; those `but` failed or were left out."""
    return {step: StepRecord(outcome="left_out" if step in but else "passed", at=made) for step in STEPS}


def record(bench: str = "lab", but: str = "", made: datetime = MADE, **given: object) -> CommissioningRecord:
    fields: dict[str, object] = {
        "bench": bench,
        "made": made,
        "by": "E. K.",
        "program": "solbench 0.2",
        "instruments": {"1287": InstrumentRecord(identity="1287 12870001")},
        "steps": passed(but, made),
        "values": known(),
    }
    return CommissioningRecord.model_validate(fields | given)


def known(lag_s: float = LAG_S, stderr_s: float = 1e-9, **given: object) -> Values:
    """A pole of 46 ns on every range, up to 1 MHz."""
    one = RangeRecord(lag_s=of(lag_s, stderr_s), pole_share=of(1.0), highest_Hz=1e6)
    fields: dict[str, object] = {"ranges": dict.fromkeys(range(1, 9), one), "pair_leads": LeadsRecord()}
    return Values.model_validate(fields | given)
