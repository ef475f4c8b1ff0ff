"""Protocols that a laboratory could mean, drawn from the fields of all registered kinds of step.

A kind that is new is drawn without a change here: what a field takes is read from its model.
"""

from __future__ import annotations

import math
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from solbench.protocols import BadInput, CellRecord, Protocol, check, estimate, load_cell
from solbench.protocols.cells import BuildRecord
from solbench.protocols.files import Fields
from solbench.protocols.kinds import STEP_KINDS
from solbench.protocols.kinds.registry import new_step
from solbench.protocols.protocol import from_data
from solbench.protocols.quantities.quantity import Accepts, Voltage

CELLS = ("nbh", "nps", "nyzc")
CHANGED = 0.6  # so likely a field of a kind's example is drawn anew
ADDED = 0.3  # and one that the example leaves out is added
MOST_TRIES = 200


def drawn(seed: int, most_s: float = math.inf) -> tuple[Protocol, CellRecord]:
    """The protocol of a seed with its cell: the first one drawn in which `check` finds no error, of limited length."""
    random = Random(seed)
    for _ in range(MOST_TRIES):
        record = load_cell(random.choice(CELLS))
        build = random.choice(sorted(record.builds))
        data = _protocol(random, record.builds[build], build)
        try:
            protocol = from_data(data, "drawn")
        except BadInput:
            continue
        if any(finding.grade == "error" for finding in check(protocol, record)):
            continue
        if estimate(protocol, record.build(build)).duration_s <= most_s:
            return protocol, record
    raise AssertionError(f"no protocol in {MOST_TRIES} tries of seed {seed}")


def _protocol(random: Random, record: BuildRecord, build: str) -> Fields:
    values = Values(random, record)
    steps = [_step(random, values, number) for number in range(random.randint(1, 4))]
    data: Fields = {
        "name": "drawn",
        "build": build,
        "conditions": {"temperature": random.choice(["25 degC", "unknown"]), "stack_pressure": "unknown"},
        "steps": steps,
    }
    if random.random() < 0.7:
        data["record"] = {"every": values.time(0.3, 60.0)}
    return data


def _step(random: Random, values: Values, number: int, depth: int = 0) -> Fields:
    kinds = [kind for kind in STEP_KINDS.values() if depth < 2 or "steps" not in kind.model.model_fields]
    kind = random.choice(kinds)
    example = _example(kind.name)
    fields = deepcopy({**example, **values.changed(kind.model, example, random.random() < 0.5)})
    if "steps" in fields:
        fields["steps"] = [_step(random, values, place, depth + 1) for place in range(random.randint(1, 3))]
        _loop(random, values, fields)
    return {"name": f"{kind.name}-{depth}-{number}", **fields}


def _loop(random: Random, values: Values, fields: Fields) -> None:
    """Let some loops go over two or three values of a field of one of their steps, and some end early."""
    steps: Any = fields["steps"]
    if random.random() < 0.4:
        fields["until"] = {
            key: text
            for key, text in (
                ("capacity_below", random.choice(["80 %", "99.99 %", "5 uAh"])),
                ("voltage_below", values.of("voltage", Voltage)),
                ("voltage_above", values.of("voltage", Voltage)),
                ("time", values.time(10.0, 3600.0)),
            )
            if random.random() < 0.4
        } or {"time": "100 s"}
    places = [
        (step, field.alias or name, field)
        for step in steps
        for name, field in STEP_KINDS[step["kind"]].model.model_fields.items()
        if any(isinstance(each, Accepts) for each in field.metadata) and (field.alias or name) in step
    ]
    if places and random.random() < 0.5:
        step, key, field = random.choice(places)
        others = [values.of(key, field.annotation, field.metadata) for _ in range(random.randint(1, 2))]
        fields["over"] = {"value": [step[key], *others]}
        step[key] = "$value"
        del fields["count"]


@cache
def _example(kind: str) -> Fields:
    """The example of a kind of step, read once: thousands of steps are drawn."""
    return new_step(STEP_KINDS[kind])


class Values:
    """Draws values for the fields of a model, of a size that suits a build and a short run."""

    def __init__(self, random: Random, record: BuildRecord) -> None:
        self._random = random
        low, high = (voltage.value for voltage in record.voltage_window)
        self._window_V = (max(low, -0.6), min(high, 3.5))
        self._live = record.live

    def changed(self, model: type[BaseModel], example: Fields, much: bool) -> Fields:
        """Some of the fields of an example, drawn anew, and some that it has not; None takes a field away."""
        random, found = self._random, dict(example)
        for name, field in model.model_fields.items():
            key = field.alias or name
            if key in ("name", "kind", "notes", "text", "otherwise", "steps", "over") or (
                key == "until" and "steps" in example
            ):
                continue
            likely = CHANGED if key in example else ADDED * (1.0 if much else 0.3)
            if random.random() >= likely:
                continue
            if key in example and not field.is_required() and random.random() < 0.3:
                found.pop(key, None)
                continue
            found[key] = self.of(key, field.annotation, field.metadata)
        return found

    def of(self, key: str, annotation: Any, metadata: Any = ()) -> Any:
        """A value for a field of this annotation."""
        accepts = next((each for each in metadata if isinstance(each, Accepts)), None)
        if accepts is not None:
            return self._quantity(key, accepts)
        if hasattr(annotation, "__metadata__"):
            return self.of(key, get_args(annotation)[0], annotation.__metadata__)
        if get_origin(annotation) is Literal:
            return self._random.choice(get_args(annotation))
        if get_origin(annotation) is tuple:
            inner = get_args(annotation)[0]
            many = [self.of(key, inner) for _ in range(self._random.randint(1, 3))]
            if isinstance(inner, type) and issubclass(
                inner, BaseModel
            ):  # each with a place, and what holds there
                places = {next(iter(one.values())): one for one in many if len(one) > 1}
                return list(places.values())
            return sorted(set(many), key=lambda text: float(text.split()[0]))
        if get_origin(annotation) in (Union, type(int | str)):
            return self.of(key, next(each for each in get_args(annotation) if each is not type(None)))
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self._model(annotation)
        if annotation is bool:
            return self._random.random() < 0.5
        if annotation is int:
            return self._random.randint(1, 4)
        raise TypeError(f"{key}: nothing is known that draws {annotation}")

    def time(self, low_s: float, high_s: float) -> str:
        """A time between two (s)."""
        return f"{self._log(low_s, high_s):.3g} s"

    def _model(self, model: type[BaseModel]) -> Fields:
        random, found = self._random, {}
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        for key, field in fields.items():
            if field.is_required() or random.random() < 0.5:
                found[key] = self.of(key, field.annotation, field.metadata)
        return found

    def _quantity(self, key: str, accepts: Accepts) -> str:
        """A value of the first kind that a field takes, or of another one."""
        random, kind = self._random, accepts.kinds[0]
        if len(accepts.kinds) > 1 and random.random() < 0.2:
            kind = random.choice(accepts.kinds)
        sign = random.choice(["", "-"]) if accepts.sign in ("any", "not zero") else ""
        match kind:
            case "voltage" if accepts.sign == "positive":
                return f"{self._log(2.0, 40.0):.2g} mV"
            case "voltage" if accepts.sign == "not zero":
                return f"{sign}{self._log(5.0, 100.0):.3g} mV"
            case "voltage":
                return f"{random.uniform(*self._window_V):.3f} V"
            case "current density":
                return f"{sign}{self._log(0.002, 0.5):.3g} mA/cm2"
            case "current":
                return f"{sign}{self._log(2.0, 500.0):.3g} uA"
            case "specific current":
                return f"{sign}{self._log(2.0, 200.0):.3g} mA/g"
            case "C-rate":
                return f"{sign}C/{self._log(2.0, 100.0):.3g}"
            case "areal capacity":
                return f"{self._log(0.0005, 0.05):.3g} mAh/cm2"
            case "charge":
                return f"{self._log(0.4, 40.0):.3g} uAh"
            case "specific capacity":
                return f"{self._log(0.3, 30.0):.3g} mAh/g"
            case "fraction" if accepts.sign == "not negative":
                return f"{random.choice([0, 20, 25, 50, 75, 90, 100])} %"
            case "fraction":
                return f"{self._log(0.1, 5.0):.2g} %"
            case "time" if accepts.sign == "not negative":
                return self.time(1.0, 60.0)
            case "time":
                return self.time(1.0, 900.0)
            case "number of cycles":
                return f"{random.randint(1, 4)} cycles"
            case "voltage slope":
                return f"{self._log(0.1, 20.0):.2g} mV/min"
            case "resistance":
                return f"{self._log(0.01, 1e4):.3g} ohm"
            case "frequency":
                return f"{self._log(0.2, 1e6):.3g} Hz"
            case "temperature":
                return f"{random.uniform(10.0, 80.0):.0f} degC"
            case "heating rate":
                return f"{self._log(0.1, 5.0):.2g} K/min"
            case "pressure":
                return f"{self._log(1.0, 300.0):.3g} MPa"
        raise ValueError(f"{key}: nothing is known that draws a {kind}")

    def _log(self, low: float, high: float) -> float:
        return math.exp(self._random.uniform(math.log(low), math.log(high)))
