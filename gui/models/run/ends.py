"""At which voltages something happens, and how far the end of a segment is."""

from dataclasses import dataclass

from solbench.acquisition.control.messages import Status
from solbench.gui.models.common.words import tr
from solbench.protocols import SafetyLimits, format_duration
from solbench.protocols.segments import ConstantCurrent, ConstantVoltage, End, Segment


@dataclass(frozen=True)
class Limit:
    """A level of voltage to draw: V, what it does, and whether it is a safety limit of the run."""

    voltage_V: float
    text: str
    safety: bool


def ends_of(segment: Segment | None) -> tuple[End, ...]:
    """Return the end conditions of a segment, none for one without."""
    return segment.ends if isinstance(segment, ConstantCurrent | ConstantVoltage) else ()


def limits_of(safety: SafetyLimits, segment: Segment | None) -> list[Limit]:
    """Return the voltages at which something happens in a segment."""
    found = [
        Limit(safety.voltage_min_V, tr("safety limit"), safety=True),
        Limit(safety.voltage_max_V, tr("safety limit"), safety=True),
    ]
    for end in ends_of(segment):
        if end.quantity in ("voltage_below", "voltage_above"):
            word = (
                tr("cut short at {end}", end=end.text)
                if end.outcome == "cut_short"
                else tr("step ends at {end}", end=end.text)
            )
            found.append(Limit(end.value, word, safety=False))
    return found


def nearest_end(segment: Segment | None, status: Status | None) -> str:
    """Return how far the newest reading is from each end of a segment, "" before there is a reading."""
    if status is None or status.voltage_V is None:
        return ""
    texts = [distance(end, status) for end in ends_of(segment) if end.outcome != "cut_short"]
    return ", ".join(text for text in texts if text)


def distance(end: End, status: Status) -> str:
    """Return how far an end condition is from the newest reading: time to a charge, V to a voltage; else ""."""
    if end.quantity == "charge" and status.current_A:
        left_s = (end.value - abs(status.step_charge_C)) / abs(status.current_A)
        return tr("{end} in {duration}", end=end.text, duration=format_duration(max(left_s, 0.0)))
    if end.quantity in ("voltage_below", "voltage_above") and status.voltage_V is not None:
        return tr("{distance:.3f} V to {end}", distance=abs(end.value - status.voltage_V), end=end.text)
    return ""
