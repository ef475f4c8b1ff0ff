"""Whether a served simulation holds the cell that a run is about: nothing else could tell, the numbers look right."""

import json
import math
import socket
from typing import Any

from solbench.acquisition.errors import Fault
from solbench.protocols.errors import BadInput

ANSWER_S = 5.0
_CURE = (
    "Name the cell and build that solbench simulate was started with, or restart it with --cell and --build of "
    "this run"
)
_GEOMETRY = {
    "area_m2": ("area", 1e4, "cm2"),
    "thickness_m": ("thickness", 1e6, "um"),
    "tin_mass_kg": ("mass of Sn", 1e6, "mg"),
    "cathode_mass_kg": ("mass of the cathode", 1e6, "mg"),
}


def require_cell(control: str, cell: dict[str, Any], field: str = "--cell") -> None:
    """Raise BadInput where the simulation at `control` (host:port) holds another cell than `cell` (SI).

    Compared is what a run computes with: kind of build, geometry, electrolyte. A simulation that does not say is
    taken as the right one; one that does not answer is for the opening to find.
    """
    answer = _ask(control)
    held = answer.get("cell")
    if not isinstance(held, dict):
        return
    differences = list(_differences(held, json.loads(json.dumps(cell))))
    if differences:
        name = f" ({answer['name']})" if answer.get("name") else ""
        raise BadInput(
            f"the served bench holds another cell{name} than this run is about: {'; '.join(differences)}",
            _CURE,
            field=field,
        )


def mount_served(control: str, cell: dict[str, Any], name: str, wiring: str = "") -> None:
    """Mount a fresh cell (SI), or a dummy part, on the simulation at `control`; raises Fault where it does not.

    `wiring`: between which leads, "" for those with which it began.
    """
    answer = _say(control, {"set": "cell", "cell": cell, "name": name, "wiring": wiring})
    if not answer.get("done"):
        raise Fault(
            f"the simulation at {control} does not mount {name} ({answer.get('error', 'it does not answer')})"
        )


def mounted_in_served(control: str) -> tuple[dict[str, Any], str] | None:
    """Return the cell (SI) on the simulation at `control`, and its name; None where it does not say."""
    answer = _ask(control)
    held = answer.get("cell")
    return (held, str(answer.get("name", ""))) if isinstance(held, dict) else None


def voltage_V_of_served(control: str) -> float:
    """Return the true voltage (V) of the cell of the simulation at `control`; raises Fault where it does not say."""
    try:
        return float(_say(control, {"ask": "truth"})["cell_voltage_V"])
    except KeyError:
        raise Fault(f"the simulation at {control} does not say what its cell's voltage is") from None


def _ask(control: str) -> dict[str, Any]:
    return _say(control, {"ask": "cell"})


def _say(control: str, order: dict[str, Any]) -> dict[str, Any]:
    host, _, port = control.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=ANSWER_S) as connection:
            connection.sendall(json.dumps(order).encode() + b"\n")
            answer = json.loads(connection.makefile("rb").readline())
    except (OSError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _differences(held: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    found = []
    if held.get("kind") != wanted.get("kind"):
        found.append(f"it is a {held.get('kind')} build there, a {wanted.get('kind')} build here")
    if bool(held.get("reduced")) != bool(wanted.get("reduced")):
        found.append("its electrolyte is reduced in one of them")
    there, here = held.get("geometry", {}), wanted.get("geometry", {})
    for name, (word, factor, unit) in _GEOMETRY.items():
        if not _same(there.get(name), here.get(name)):
            found.append(
                f"{word} {_shown(there.get(name), factor)} {unit} there, {_shown(here.get(name), factor)} {unit} here"
            )
    if not _alike(held.get("electrolyte", {}), wanted.get("electrolyte", {})):
        found.append("another electrolyte")
    return found


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(_same(one.get(name), other.get(name)) for name in {*one, *other})


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)


def _shown(value: Any, factor: float) -> str:
    return f"{value * factor:.4g}" if isinstance(value, (int, float)) else "none"
