"""Which technique carries out which kind of segment; complete, or nothing starts."""

from collections.abc import Callable, Mapping
from typing import Any

from solbench.acquisition.engine.actions import Actions
from solbench.acquisition.engine.station import Station
from solbench.acquisition.engine.techniques import (
    by_hand,
    condition,
    holds,
    impedance,
    polarization,
    prompt,
    voltammetry,
)
from solbench.protocols import segments as seg
from solbench.protocols.kinds.manual import ByHand
from solbench.protocols.kinds.registry import complete

Technique = Callable[[Station, Any], Actions]

TECHNIQUES: Mapping[type[seg.Segment], Technique] = complete(
    {
        seg.Rest: holds.rest,
        seg.ConstantCurrent: holds.constant_current,
        seg.ConstantVoltage: holds.constant_voltage,
        seg.UnbrokenVoltage: holds.constant_voltage,
        seg.Sweep: impedance.sweep,
        seg.Prompt: prompt.prompt,
        seg.Condition: condition.condition,
        seg.LinearScan: voltammetry.scan,
        seg.CyclicScan: voltammetry.scan,
        seg.Polarization: polarization.polarization,
        ByHand: by_hand.by_hand,
    },
    "techniques of the engine",
)


def technique_of(segment: seg.Segment) -> Technique:
    """Return the technique that carries out a segment; raises KeyError where there is none."""
    return TECHNIQUES[type(segment)]
