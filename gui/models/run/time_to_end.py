"""How far an end condition is, in words."""

from __future__ import annotations

from typing import Any

from solbench.acquisition.control.messages import Status
from solbench.protocols import format_duration


def distance(end: dict[str, Any], status: Status) -> str:
    """Say how far a condition of a segment is from the newest reading: time to a charge, V to a voltage; else ""."""
    if end["quantity"] == "charge" and status.current_A:
        left_s = (end["value"] - abs(status.step_charge_C)) / abs(status.current_A)
        return f"{end['text']} in {format_duration(max(left_s, 0.0))}"
    if end["quantity"] in ("voltage_below", "voltage_above") and status.voltage_V is not None:
        return f"{abs(end['value'] - status.voltage_V):.3f} V to {end['text']}"
    return ""
