"""Protocols as a user might write them, for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as some

digits = some.integers(1, 999)
names = some.text(alphabet="abcXYZ019_-", min_size=1, max_size=8)
notes = some.text(max_size=20)


def written(*units: str, signs: tuple[str, ...] = ("",)) -> some.SearchStrategy[str]:
    """Numbers in many spellings with one of the units."""
    whole = digits.map(str)
    decimal = some.tuples(digits, some.sampled_from(".,"), some.integers(0, 99)).map(
        lambda parts: f"{parts[0]}{parts[1]}{parts[2]:02d}"
    )
    number = some.one_of(whole, decimal)
    space = some.sampled_from(["", " ", "  "])
    parts = some.tuples(some.sampled_from(signs), number, space, some.sampled_from(units))
    return parts.map("".join)


def fields(required: dict[str, Any], optional: dict[str, Any]) -> some.SearchStrategy[dict[str, Any]]:
    return some.fixed_dictionaries(required, optional=optional)


times = written("s", "min", "h")
voltages = written("V", "mV", signs=("", "-", "+"))
currents = some.one_of(
    written("mA", "mA/cm2", "mA/g", "C", signs=("", "-")), digits.map(lambda hours: f"C/{hours}")
)
positive_currents = written("uA", "mA/cm2", "mA/g")
capacities = written("mAh", "mAh/cm2", "mAh/g", "%")
record = fields({"every": times}, {"voltage_change": written("mV")})
rest_rules = some.one_of(
    fields({"time": times}, {}),
    fields(
        {
            "slope": written("mV/min"),
            "over": times,
            "at_least": written("s"),
            "at_most": written("h"),
        },
        {},
    ),
)
current_ends = fields({"capacity": capacities}, {"voltage": voltages, "time": times})
voltage_ends = fields({"current": positive_currents}, {"capacity": capacities, "time": times})
sweeps = {
    "from": written("MHz", "kHz"),
    "to": written("Hz", "mHz"),
    "points_per_decade": some.integers(1, 20),
    "integration": times,
}
spectra = some.one_of(
    fields(
        {**sweeps, "amplitude": written("mV")}, {"instruments": some.sampled_from(["pair", "1260", 1260])}
    ),
    fields(
        {**sweeps, "control": some.just("current"), "amplitude": written("mV", "uA", "mA")},
        {"expected_resistance": written("mohm", "ohm"), "linearity": written("mV", "uA")},
    ),
)
marks = some.lists(some.integers(0, 100), min_size=1, max_size=4, unique=True).map(
    lambda found: [f"{mark} %" for mark in sorted(found)]
)


def _step(kind: str, required: dict[str, Any], optional: dict[str, Any]) -> some.SearchStrategy[Any]:
    return fields({"name": names, "kind": some.just(kind), **required}, {"notes": notes, **optional})


def _with(rule: some.SearchStrategy[Any], kind: str) -> some.SearchStrategy[Any]:
    return some.tuples(names, rule).map(lambda parts: {"name": parts[0], "kind": kind, **parts[1]})


plain_steps = some.one_of(
    _with(rest_rules, "rest"),
    _with(spectra, "impedance"),
    _step(
        "constant_current",
        {"current": currents, "until": current_ends},
        {"cut_short": current_ends, "record": record},
    ),
    _step(
        "constant_current",
        {
            "current": currents,
            "until": current_ends,
            "spectra_at": marks,
            "rest": rest_rules,
            "spectrum": spectra,
        },
        {},
    ),
    _step(
        "constant_voltage",
        {"voltage": voltages, "current_limit": positive_currents, "until": voltage_ends},
        {"record": record},
    ),
    _step(
        "dc_polarization",
        {
            "voltage": voltages,
            "baseline": times,
            "at_most": times,
            "steady_within": written("%"),
            "steady_over": times,
        },
        {"both_signs": some.booleans()},
    ),
)


def _several(step: some.SearchStrategy[Any]) -> some.SearchStrategy[Any]:
    return some.lists(step, min_size=1, max_size=3, unique_by=lambda found: found["name"])


loops = _step("loop", {"count": some.integers(1, 10**9), "steps": _several(plain_steps)}, {})
protocols = fields(
    {
        "name": some.text(min_size=1, max_size=20),
        "build": names,
        "conditions": fields(
            {
                "temperature": some.one_of(some.just("unknown"), written("degC", "K")),
                "stack_pressure": some.one_of(some.just("unknown"), written("MPa", "bar")),
            },
            {"operator": notes, "cell_id": notes, "notes": notes},
        ),
        "steps": _several(some.one_of(plain_steps, loops)),
    },
    {
        "notes": notes,
        "record": record,
        "safety": fields(
            {}, {"voltage_min": voltages, "voltage_max": voltages, "current_max": written("mA")}
        ),
    },
)
