"""A unicycler protocol (aurora-unicycler 0.4, JSON) as a protocol of this program.

What unicycler does not know (build of the cell, temperature, stack pressure) is requested or stays unknown;
what this program does not know is left out and reported. C-rates become currents where the file gives the
sample's capacity; otherwise they stay rates of the build's capacity.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from solbench.analysis.exports.losses import Losses
from solbench.protocols import BadInput, Protocol
from solbench.protocols.files import read_text
from solbench.protocols.protocol import from_data

Data = dict[str, Any]
_INTEGRATION = "1 s"


@dataclass
class _File:
    """The file with what is needed while it is translated; errors name the place in it."""

    name: str
    data: Data
    losses: Losses = field(default_factory=Losses)

    def error(self, place: str, message: str, cure: str) -> BadInput:
        return BadInput(message, cure, file=self.name, field=place)

    def number(self, place: str, fields: Data, name: str) -> float | None:
        value = fields.get(name)
        if value is None or value == "" or isinstance(value, bool):
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            raise self.error(f"{place}.{name}", f"'{value}' is not a number", "Correct it") from None

    def needed(self, place: str, fields: Data, name: str) -> float:
        value = self.number(place, fields, name)
        if value is None:
            raise self.error(f"{place}.{name}", "this number is missing", "Add it")
        return value


def read_unicycler(path: Path, build: str) -> tuple[Protocol, Losses]:
    """Read a unicycler protocol for a build of the cell; raises BadInput.

    The second value says as text what was lost or assumed.
    """
    name = str(path)
    try:
        data = json.loads(read_text(path, name))
    except ValueError as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"this is not JSON ({error})", "Export it from unicycler again", file=name) from None
    if not isinstance(data, dict) or not isinstance(data.get("method"), list) or not data["method"]:
        raise BadInput(
            "there is no 'method' with steps in it", "Check that this is a unicycler protocol", file=name
        )
    file = _File(name, data)
    protocol = {
        "name": path.stem[:200] or "imported",
        "build": build,
        "conditions": {"temperature": "unknown", "stack_pressure": "unknown"},
        **_safety(file),
        **_record(file),
        "steps": _steps(file, data["method"]),
    }
    file.losses.add("conditions", "temperature and stack pressure are unknown: fill them in")
    return from_data(protocol, f"{name} (as translated)"), file.losses


def _section(file: _File, name: str) -> Data:
    section = file.data.get(name) or {}
    if not isinstance(section, dict):
        raise file.error(name, "this is not a group of fields", "Correct it")
    return section


def _safety(file: _File) -> Data:
    section = _section(file, "safety")
    found: Data = {}
    for ours, theirs in (("voltage_min", "min_voltage_V"), ("voltage_max", "max_voltage_V")):
        value = file.number("safety", section, theirs)
        if value is not None:
            found[ours] = _text(value, "V")
    current_mA = _largest_current_mA(file)
    if current_mA is not None:
        found["current_max"] = _text(current_mA, "mA")
    for name in ("max_capacity_mAh", "delay_s"):
        if file.number("safety", section, name) is not None:
            file.losses.add(f"safety.{name}", "has no counterpart here")
    return {"safety": found} if found else {}


def _largest_current_mA(file: _File) -> float | None:
    section = _section(file, "safety")
    limits = [file.number("safety", section, name) for name in ("max_current_mA", "min_current_mA")]
    known = [abs(limit) for limit in limits if limit]
    if len(known) == 2 and known[0] != known[1]:
        file.losses.add(
            "safety", "one limit of the current holds for both directions: the smaller one was taken"
        )
    return min(known, default=None)


def _record(file: _File) -> Data:
    section = _section(file, "record")
    every_s = file.number("record", section, "time_s")
    if every_s is None:
        return {}
    if file.number("record", section, "current_mA") is not None:
        file.losses.add("record.current_mA", "recording by change of current has no counterpart here")
    change_V = file.number("record", section, "voltage_V")
    return {
        "record": {"every": _text(every_s, "s")}
        | ({"voltage_change": _text(change_V, "V")} if change_V is not None else {})
    }


def _steps(file: _File, method: list[Any]) -> list[Data]:
    """Translate the steps; a loop takes what lies between its tag (or step) and itself as its body."""
    made: list[tuple[int, Data]] = []  # place in the method, and the step
    tags: dict[str, int] = {}
    for place, step in enumerate(method):
        kind = step.get("step") if isinstance(step, dict) else None
        where = f"method[{place + 1}]"
        if kind == "tag":
            tags[str(step.get("tag"))] = place
        elif kind == "loop":
            first = _loop_start(file, where, step, tags, place)
            inside = [step for begun, step in made if begun >= first]
            if any(begun < first <= step["_last"] for begun, step in made if "_last" in step):
                raise file.error(
                    where, "this loop intersects another one", "Let one loop lie within the other"
                )
            if not inside:
                raise file.error(where, "there is nothing to repeat in this loop", "Let it begin earlier")
            count = int(file.needed(where, step, "cycle_count"))
            made = [entry for entry in made if entry[0] < first]
            made.append(
                (
                    first,
                    {
                        "name": f"loop-{place + 1}",
                        "kind": "loop",
                        "count": count,
                        "steps": inside,
                        "_last": place,
                    },
                )
            )
        else:
            made += [(place, found) for found in _step(file, where, kind, step, f"{place + 1}")]
    if not made:
        raise file.error("method", "no step of it can be carried out here", "See which steps there are")
    return [_clean(step) for _, step in made]


def _clean(step: Data) -> Data:
    kept = {name: value for name, value in step.items() if name != "_last"}
    return kept | ({"steps": [_clean(inner) for inner in kept["steps"]]} if "steps" in kept else {})


def _loop_start(file: _File, where: str, step: Data, tags: dict[str, int], place: int) -> int:
    target = step.get("loop_to")
    if isinstance(target, str) and target in tags:
        return tags[target]
    number = re.fullmatch(r"\d+", str(target))
    if number and 1 <= int(number[0]) <= place:
        return int(number[0]) - 1
    raise file.error(f"{where}.loop_to", f"there is no earlier step or tag '{target}'", "Name one")


def _step(file: _File, where: str, kind: Any, step: Data, number: str) -> Iterator[Data]:
    match kind:
        case "open_circuit_voltage":
            yield {
                "name": f"rest-{number}",
                "kind": "rest",
                "time": _text(file.needed(where, step, "until_time_s"), "s"),
            }
        case "constant_current":
            yield _constant_current(file, where, step, number)
        case "constant_voltage":
            yield _constant_voltage(file, where, step, number)
        case "impedance_spectroscopy":
            yield from _spectrum(file, where, step, number)
        case "voltage_scan":
            file.losses.add(where, "a voltage scan is not a kind of step here and is LEFT OUT")
        case _:
            raise file.error(f"{where}.step", f"there is no step '{kind}' in unicycler 0.4", "Correct it")


def _constant_current(file: _File, where: str, step: Data, number: str) -> Data:
    current = _rate(file, where, step, "rate_C")
    if current is None:
        current_mA = file.number(where, step, "current_mA")
        if not current_mA:
            raise file.error(where, "there is neither rate_C nor current_mA", "Add one of them")
        current = _text(current_mA, "mA")
    until: Data = {}
    for ours, theirs, unit in (("voltage", "until_voltage_V", "V"), ("time", "until_time_s", "s")):
        if value := file.number(where, step, theirs):
            until[ours] = _text(value, unit)
    name = f"{'discharge' if current.startswith('-') else 'charge'}-{number}"
    return {"name": name, "kind": "constant_current", "current": current, "until": until}


def _constant_voltage(file: _File, where: str, step: Data, number: str) -> Data:
    limit_mA = _largest_current_mA(file)
    if limit_mA is None:
        raise file.error(
            "safety.max_current_mA",
            "a step of constant voltage needs a limit of the current, from which its range is chosen",
            "Add max_current_mA to the safety of the file",
        )
    until: Data = {}
    taper = _rate(file, where, step, "until_rate_C")
    if taper is None and (current_mA := file.number(where, step, "until_current_mA")):
        taper = _text(current_mA, "mA")
    if taper is not None:
        until["current"] = taper.removeprefix("-")
    if time_s := file.number(where, step, "until_time_s"):
        until["time"] = _text(time_s, "s")
    return {
        "name": f"hold-{number}",
        "kind": "constant_voltage",
        "voltage": _text(file.needed(where, step, "voltage_V"), "V"),
        "current_limit": _text(limit_mA, "mA"),
        "until": until,
    }


def _spectrum(file: _File, where: str, step: Data, number: str) -> Iterator[Data]:
    amplitude_mA = file.number(where, step, "amplitude_mA")
    by_current: Data = {} if amplitude_mA is None else {"control": "current"}
    amplitude = (
        _text(file.needed(where, step, "amplitude_V"), "V")
        if amplitude_mA is None
        else _text(amplitude_mA, "mA")
    )
    ends = [file.needed(where, step, name) for name in ("start_frequency_Hz", "end_frequency_Hz")]
    if ends[0] < ends[1]:
        file.losses.add(where, "the spectrum goes from low to high frequencies; here it goes downwards")
    if (file.number(where, step, "measures_per_point") or 1) != 1 or step.get("drift_correction"):
        file.losses.add(where, "repeated measurements of a point and drift correction have no place")
    file.losses.add(where, f"the amplitude is taken as rms, and the integration of a point as {_INTEGRATION}")
    yield {
        "name": f"spectrum-{number}",
        "kind": "impedance",
        "from": _text(max(ends), "Hz"),
        "to": _text(min(ends), "Hz"),
        "points_per_decade": int(file.number(where, step, "points_per_decade") or 10),
        **by_current,
        "amplitude": amplitude,
        "integration": _INTEGRATION,
    }


def _rate(file: _File, where: str, step: Data, name: str) -> str | None:
    """Return a C-rate as a current, or, where the sample's capacity is not in the file, as a C-rate."""
    rate = _rate_number(file, f"{where}.{name}", step.get(name))
    if not rate:
        return None
    capacity_mAh = file.number("sample", _section(file, "sample"), "capacity_mAh")
    if capacity_mAh is not None:
        return _text(rate * capacity_mAh, "mA")
    file.losses.add(
        f"{where}.{name}", "the rate refers to the capacity of the build: the file has no capacity"
    )
    return _text(rate, "C")


def _rate_number(file: _File, place: str, value: Any) -> float | None:
    if value is None or value == "":
        return None
    matched = re.fullmatch(
        r"([+-]?[\d.]*(?:[eE][+-]?\d+)?)([CD]?)(?:/([\d.]+))?", str(value).replace(" ", "")
    )
    try:
        assert matched
        magnitude = float(matched[1] or 1) / float(matched[3] or 1)
    except (AssertionError, ValueError, ZeroDivisionError):
        raise file.error(place, f"'{value}' is not a rate", "Write it as 0.2, C/5 or D/5") from None
    return -magnitude if matched[2] == "D" else magnitude


def _text(value: float, unit: str) -> str:
    return f"{value:.12g} {unit}"
