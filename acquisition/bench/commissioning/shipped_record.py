"""The records that ship, of simulated units that are the same in every copy of the program."""

from functools import cache
from pathlib import Path

from solbench.acquisition.bench.commissioning.record import CommissioningRecord, read_record
from solbench.acquisition.bench.commissioning.shipped import __file__ as _shipped

SHIPPED = ("typical",)


@cache
def _read(unit: str) -> CommissioningRecord:
    return read_record(Path(_shipped).with_name(f"{unit}.json"))


def shipped_record(unit: str, bench: str) -> CommissioningRecord | None:
    """Return the record of a unit as one of the bench of that name, None where none ships.

    Which leads are on the positive terminal it leaves to the bench file: in a simulation that is where they are.
    """
    if unit not in SHIPPED:
        return None
    record = _read(unit)
    values = record.values.model_copy(update={"positive_terminal": None})
    return record.model_copy(update={"bench": bench, "values": values, "dialogue": ""})
