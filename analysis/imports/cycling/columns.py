"""From a table with named columns to readings: which column is what, in which unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from solbench.analysis.imports.cycling.record import Array
from solbench.analysis.imports.numbers import is_number, read_numbers
from solbench.analysis.imports.spectrum import Text

Meaning = Literal["time", "step_time", "voltage", "current", "charged", "discharged", "net", "state", "date"]


class Column(NamedTuple):
    """A column: its place, its meaning, and by what its numbers become SI."""

    place: int
    name: str
    meaning: Meaning
    factor: float


_NAMES: dict[Meaning, tuple[str, ...]] = {
    "time": ("time", "testtime", "totaltime", "elapsedtime", "test", "总时间", "测试时间"),
    "step_time": ("steptime", "step", "dpttime", "relativetime", "statetime"),
    "voltage": ("voltage", "volt", "volts", "u", "e", "ewe", "ecell", "ewevsref", "potential", "v", "电压"),
    "current": ("current", "i", "amp", "amps", "current", "cur", "电流"),
    "charged": ("chargingcapacity", "chargecapacity", "chgcapacity", "qcharge"),
    "discharged": ("dischargingcapacity", "dischargecapacity", "dchgcapacity", "qdischarge"),
    "net": ("netcapacity", "qqo"),
    "state": ("state", "md", "mode", "status", "steptype", "状态", "工步类型"),
    "date": ("datetime", "dateandtime", "date", "dpttimestamp", "unixtime"),
}
_FACTORS: dict[Meaning, dict[str, float]] = {
    "time": {
        "s": 1.0,
        "sec": 1.0,
        "second": 1.0,
        "seconds": 1.0,
        "min": 60.0,
        "h": 3600.0,
        "hr": 3600.0,
        "ms": 1e-3,
    },
    "voltage": {"v": 1.0, "mv": 1e-3, "volt": 1.0, "volts": 1.0},
    "current": {"a": 1.0, "ma": 1e-3, "ua": 1e-6, "µa": 1e-6, "μa": 1e-6, "amp": 1.0, "amps": 1.0},
    "charged": {"ah": 3600.0, "mah": 3.6, "uah": 3.6e-3, "a.h": 3600.0, "ma.h": 3.6, "c": 1.0},
}
_FACTORS["step_time"] = _FACTORS["time"]
_FACTORS["discharged"] = _FACTORS["net"] = _FACTORS["charged"]
_UNIT_IN_NAME = {"volts": "v", "volt": "v", "amps": "a", "amp": "a"}
_WITH_UNIT = re.compile(
    r"^(?P<name>.*?)\s*(?:[/(\[]\s*(?P<unit>[^()\[\]/]+?)\s*[)\]]?|_(?P<tail>s|v|a|ma|mv|ah|mah|h|min))$"
)


def understood(names: Sequence[str]) -> list[Column]:
    """Return the columns that are understood; those of unknown units are left out."""
    found = []
    for place, name in enumerate(names):
        column = _understand(place, name)
        if column is not None:
            found.append(column)
    return found


def _understand(place: int, name: str) -> Column | None:
    text = name.strip().strip('"').lstrip("\ufeff").casefold()
    match = _WITH_UNIT.match(text)
    bare = match["name"] if match else text
    unit = (match["unit"] or match["tail"] or "") if match else ""
    word = re.sub(r"[^a-z\u4e00-\u9fff]", "", bare)
    meaning: Meaning | None = next((key for key, words in _NAMES.items() if word in words), None)
    if meaning is None:
        return None
    if meaning == "step_time" and word == "step" and unit == "":
        return None  # the number of a step
    if meaning == "state" or meaning == "date":
        return Column(place, name, meaning, 1.0)
    unit = unit or _UNIT_IN_NAME.get(word, "")
    factor = _FACTORS[meaning].get(unit.replace("·", ".").replace("*", ".").replace(" ", ""))
    return None if factor is None else Column(place, name, meaning, factor)


def only(columns: Sequence[Column], meaning: Meaning) -> Column | None:
    """Return the first column of one meaning, None where there is none."""
    return next((column for column in columns if column.meaning == meaning), None)


def numbers_of(text: Text, rows: Sequence[tuple[int, list[str]]], columns: Sequence[Column]) -> list[Array]:
    """Return the numbers of some columns in SI; raises BadInput that names the line."""
    cells = [[(line, fields[column.place]) for line, fields in rows] for column in columns]
    values = read_numbers(text, cells)
    return [np.array(value) * column.factor for value, column in zip(values, columns, strict=True)]


def all_numbers(rows: Sequence[tuple[int, list[str]]], place: int) -> bool:
    """Say whether every row has a number there."""
    return all(is_number(fields[place]) for _, fields in rows)
