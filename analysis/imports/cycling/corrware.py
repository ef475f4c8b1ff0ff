"""Tables of CorrWare (`.cor`): `CORRW ASCII`, a header with the surface area, currents per area.

CORRW ASCII
  CorrWare for Windows: Version 3.5c
...
Surface Area:  0.785
...
  E(Volts)    I(A/cm2)    T(Seconds)
End Comments
-1.0000E-01    1.6000E-04    0.0000E+00
"""

from __future__ import annotations

import re
from datetime import datetime

import numpy as np

from solbench.analysis.imports.cycling.record import CyclerRecord
from solbench.analysis.imports.numbers import read_numbers
from solbench.analysis.imports.spectrum import Text

_FIRST = "CORRW ASCII"
_AREA = re.compile(r"Surface Area[^:]*:\s*([0-9.,eE+-]+)", re.IGNORECASE)
_DATE, _TIME = re.compile(r"^\s*Date:\s*(\S+)"), re.compile(r"^\s*Time:\s*(\S+)")
_CM2_IN_M2 = 1e4


def is_corrware(text: Text) -> bool:
    """Say whether the first line is CorrWare's."""
    return text.lines[0].startswith(_FIRST)


def read_corrware(text: Text) -> CyclerRecord:
    """Read potential, current and time; raises BadInput that names the line."""
    end = next((place for place, line in enumerate(text.lines) if line.strip() == "End Comments"), None)
    if end is None:
        raise text.bad_file("the line 'End Comments' is missing", "Export the file again")
    head = text.lines[:end]
    named = next((place for place in range(end - 1, -1, -1) if "E(Volts)" in head[place]), None)
    if named is None:
        raise text.bad_file(
            "no line names the columns E(Volts), I(A/cm2), T(Seconds)", "Export the file again"
        )
    names = [name.strip() for name in re.split(r"\t|\s{2,}|,", head[named].strip()) if name.strip()]
    places = {}
    for wanted in ("E(Volts)", "T(Seconds)"):
        if wanted not in names:
            raise text.bad(named + 1, f"the column {wanted} is missing")
        places[wanted] = names.index(wanted)
    current = next((name for name in names if name in ("I(A/cm2)", "I(Amps/cm2)", "I(A)", "I(Amps)")), None)
    if current is None:
        raise text.bad(named + 1, "the column I(A/cm2) is missing")
    rows = [
        (number, line.split())
        for number, line in enumerate(text.lines[end + 1 :], end + 2)
        if line.strip() and not line.strip().startswith("End ")
    ]
    for number, fields in rows:
        if len(fields) < len(names):
            raise text.bad(number, f"{len(fields)} fields where {len(names)} are needed")
    chosen = (places["T(Seconds)"], places["E(Volts)"], names.index(current))
    values = read_numbers(text, [[(number, fields[place]) for number, fields in rows] for place in chosen])
    time_s, voltage_V, current_A = (np.array(column) for column in values)
    area_cm2, per_area = _area(text, head), False
    notes: tuple[str, ...] = ()
    if "cm2" in current:
        if area_cm2 is None:
            current_A, per_area = current_A * _CM2_IN_M2, True
        else:
            current_A = current_A * area_cm2
            notes = (f"current per area times the surface area in the file, {area_cm2:g} cm2",)
    return CyclerRecord(
        text.path,
        "CorrWare",
        time_s - time_s[0] if len(time_s) else time_s,
        voltage_V,
        current_A,
        started_unix_s=_started(head),
        per_area=per_area,
        notes=notes,
    )


def _area(text: Text, head: list[str]) -> float | None:
    for number, line in enumerate(head, 1):
        if found := _AREA.search(line):
            value = read_numbers(text, [[(number, found[1])]])[0][0]
            return value if value > 0 else None
    return None


def _started(head: list[str]) -> float | None:
    """Return when it began (s since 1970, by the clock here), None where the file does not say."""
    date = next((found[1] for line in head if (found := _DATE.match(line))), None)
    clock = next((found[1] for line in head if (found := _TIME.match(line))), "00:00:00")
    if date is None:
        return None
    for form in ("%m-%d-%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(
                f"{date} {clock}", form
            ).timestamp()  # no zone is written: that of this PC
        except ValueError:
            continue
    return None
