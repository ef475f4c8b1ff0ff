"""The steps of a protocol as a tree of plain data: places in it, and what can be done with them."""

import copy
import re
from collections.abc import Iterable, Iterator
from typing import Any

from solbench.gui.models.common.plain import Data, look_up
from solbench.protocols.kinds import STEP_KINDS
from solbench.protocols.kinds.registry import new_step
from solbench.protocols.quantities.quantity import is_reference

NAMES = {
    "constant_current": "current",
    "constant_voltage": "hold",
    "impedance": "spectrum",
    "dc_polarization": "polarization",
    "loop": "cycles",
}
"""What a new step of a kind is called; no word says which way a current will flow."""

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")

Place = tuple[int, ...]
"""Where a step stands: its number in the protocol, then in each loop on the way, from 0."""


def steps_at(data: Data, parent: Place) -> list[Data]:
    """Return the list of steps of a protocol (empty place) or of the loop at a place."""
    steps: list[Data] = data["steps"]
    for index in parent:
        steps = steps[index].setdefault("steps", [])
    return steps


def step_at(data: Data, place: Place) -> Data:
    """Return the step at a place."""
    return steps_at(data, place[:-1])[place[-1]]


def places(data: Data, parent: Place = ()) -> Iterator[tuple[Place, Data]]:
    """Yield every step with its place, the steps of a loop after the loop."""
    for index, step in enumerate(steps_at(data, parent)):
        yield (*parent, index), step
        if step.get("kind") == "loop":
            yield from places(data, (*parent, index))


def path_of(data: Data, place: Place) -> str:
    """Return a step's path as findings write it: steps.cycling.steps.charge."""
    path = "steps"
    parent: Place = ()
    for depth, index in enumerate(place):
        name = steps_at(data, parent)[index].get("name")
        path += f".{name}" if isinstance(name, str) and name else f"[{index + 1}]"
        parent = (*parent, index)
        path += ".steps" if depth + 1 < len(place) else ""
    return path


def find(data: Data, path: str) -> tuple[Place | None, str]:
    """Return the step that a finding's path leads to, and the rest of the path; None: a field of the protocol."""
    best: tuple[Place | None, str] = (None, path)
    for place, _ in places(data):
        prefix = path_of(data, place)
        if path == prefix or path.startswith((f"{prefix}.", f"{prefix}[")):
            best = (place, path[len(prefix) :].lstrip("."))
    return best


def told_at(data: Data, path: str) -> list[tuple[Place | None, str]]:
    """Return where a finding is told: the step to which its path leads, and the loop that gives its value to that.

    Each with the rest of the path below it.
    """
    place, rest = find(data, path)
    found = [(place, rest)]
    value = _value_at(step_at(data, place), rest) if place else None
    if place and isinstance(value, str) and is_reference(value):
        name = value.partition("$")[2].strip()
        around = (place[:length] for length in range(len(place) - 1, 0, -1))
        loop = next((one for one in around if look_up(step_at(data, one), "over", name)), None)
        found += [(loop, f"over.{name}")] if loop is not None else []
    return found


def _value_at(step: Data, path: str) -> Any:
    """Return what a finding's path leads to in a step ("spectra_at[2]", counted from 1), None where nothing is."""
    here: Any = step
    for number, name in _PART.findall(path):
        if name:
            here = here.get(name) if isinstance(here, dict) else None
        else:
            here = here[int(number) - 1 :][:1] if isinstance(here, list) else None
            here = here[0] if here else None
    return here


def add(data: Data, kind: str, after: Place | None) -> Place:
    """Put a new step behind another one (None: at the end; a loop: as its last step); return its place."""
    if after is not None and step_at(data, after).get("kind") == "loop":
        return insert(data, new_step(STEP_KINDS[kind]), after, len(steps_at(data, after)))
    parent = after[:-1] if after else ()
    index = after[-1] + 1 if after else len(data["steps"])
    return insert(data, new_step(STEP_KINDS[kind]), parent, index)


def insert(data: Data, step: Data, parent: Place, index: int) -> Place:
    """Put a step into a list under a name that is free there; return its place."""
    steps = steps_at(data, parent)
    kind = str(step.get("kind"))
    name = free_name(str(step.get("name") or NAMES.get(kind, kind)), steps)
    steps.insert(index, {"name": name, **{key: value for key, value in step.items() if key != "name"}})
    return (*parent, index)


def duplicate(data: Data, place: Place) -> Place:
    """Put a copy of a step behind it; return the copy's place."""
    return insert(data, copy.deepcopy(step_at(data, place)), place[:-1], place[-1] + 1)


def remove(data: Data, place: Place) -> Place | None:
    """Take a step away; return the place of its neighbour, or None if there is none left."""
    steps = steps_at(data, place[:-1])
    del steps[place[-1]]
    if steps:
        return (*place[:-1], min(place[-1], len(steps) - 1))
    return place[:-1] or None


def move(data: Data, place: Place, by: int) -> Place:
    """Move a step up (-1) or down (+1) in its list, at the list's end into or out of a loop; return its place."""
    parent, index = place[:-1], place[-1]
    steps, other = steps_at(data, parent), index + by
    if not 0 <= other < len(steps):
        return _out_of(data, place, by)
    if steps[other].get("kind") == "loop":
        step = steps.pop(index)
        loop = (*parent, other if by < 0 else index)
        return insert(data, step, loop, len(steps_at(data, loop)) if by < 0 else 0)
    steps[index], steps[other] = steps[other], steps[index]
    return (*parent, other)


def move_to(data: Data, place: Place, parent: Place, index: int) -> Place:
    """Put a step into another list, or to another place of its own, before what stands at `index`; return its place.

    A loop does not go into itself: then nothing changes.
    """
    if parent[: len(place)] == place:
        return place
    depth, last = len(place) - 1, place[-1]
    if parent[:depth] == place[:-1]:  # what stands behind the step moves up when it is taken out
        if len(parent) == depth and index > last:
            index -= 1
        elif len(parent) > depth and parent[depth] > last:
            parent = (*parent[:depth], parent[depth] - 1, *parent[depth + 1 :])
    step = steps_at(data, place[:-1]).pop(last)
    return insert(data, step, parent, min(index, len(steps_at(data, parent))))


def outermost(marked: Iterable[Place]) -> list[Place]:
    """Return places in their order, without those inside of others: a loop is taken with what is in it."""
    found: list[Place] = []
    for place in sorted(set(marked)):
        if not any(place[: len(other)] == other for other in found):
            found.append(place)
    return found


def place_of(data: Data, step: Data) -> Place:
    """Return where this very step stands now."""
    return next(place for place, each in places(data) if each is step)


def _out_of(data: Data, place: Place, by: int) -> Place:
    parent = place[:-1]
    if not parent:
        return place
    step = steps_at(data, parent).pop(place[-1])
    return insert(data, step, parent[:-1], parent[-1] + (1 if by > 0 else 0))


def free_name(name: str, steps: list[Data]) -> str:
    """Return the name, or the first of name-2, name-3... that no step of the list has."""
    taken = {step.get("name") for step in steps}
    names = (name if number == 1 else f"{name}-{number}" for number in range(1, len(steps) + 2))
    return next(found for found in names if found not in taken)


def redirect(data: Data, old: str, new: str | None) -> None:
    """Let the protocol's aliases follow a step to its new path; None: it is gone, and they with it."""
    aliases = data.get("aliases")
    if not isinstance(aliases, dict) or old == new:
        return
    for alias, path in tuple(aliases.items()):
        if path == old or str(path).startswith(f"{old}."):
            if new is None:
                del aliases[alias]
            else:
                aliases[alias] = new + path[len(old) :]
    if not aliases:
        del data["aliases"]
