"""How each kind of segment is written in the formats of other programs; complete, or nothing is exported."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solbench.analysis.exports import pybamm_strings, unicycler_steps
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece
from solbench.protocols import segments as seg
from solbench.protocols.files import Fields
from solbench.protocols.kinds.manual import ByHand
from solbench.protocols.kinds.registry import complete


@dataclass(frozen=True)
class Expression:
    """One kind of segment: what it is in each format, with what is lost on the way noted.

    `bdf` returns the step type of the Battery Data Format for a segment and the charge (C) of its step at its end.
    """

    bdf: Callable[[Any, float], str]
    pybamm: Callable[[Piece[Any], Losses], Iterator[str]]
    unicycler: Callable[[Piece[Any], Losses], Iterator[Fields]]


def by_sign_of(control: str, parameter: str) -> Callable[[seg.Segment, float], str]:
    """Return a step type that tells charge from discharge by a parameter of the segment."""
    return lambda segment, _charge_C: (
        f"{control}_CHG" if getattr(segment, parameter) > 0 else f"{control}_DCH"
    )


def by_charge(control: str) -> Callable[[seg.Segment, float], str]:
    """Return a step type that tells charge from discharge by the charge that passed."""
    return lambda _segment, charge_C: f"{control}_DCH" if charge_C < 0 else f"{control}_CHG"


def left_out(reason: str) -> Callable[[Piece[Any], Losses], Iterator[Any]]:
    """Return how a segment is written where a format has nothing for it: not at all, which is noted."""

    def write(piece: Piece[Any], losses: Losses) -> Iterator[Any]:
        losses.add(piece.place, reason)
        yield from ()

    return write


_CONSTANT_VOLTAGE = Expression(
    by_charge("CV"), pybamm_strings.constant_voltage, unicycler_steps.constant_voltage
)

EXPRESSIONS: Mapping[type[seg.Segment], Expression] = complete(
    {
        seg.Rest: Expression(lambda _segment, _charge_C: "REST", pybamm_strings.rest, unicycler_steps.rest),
        seg.ConstantCurrent: Expression(
            by_sign_of("CC", "current_A"), pybamm_strings.constant_current, unicycler_steps.constant_current
        ),
        seg.ConstantVoltage: _CONSTANT_VOLTAGE,
        seg.UnbrokenVoltage: _CONSTANT_VOLTAGE,
        seg.Sweep: Expression(
            lambda _segment, _charge_C: "EIS",
            left_out("a spectrum cannot be expressed and is left out"),
            unicycler_steps.spectrum,
        ),
        seg.Prompt: Expression(
            lambda _segment, _charge_C: "REST",
            left_out("a prompt cannot be expressed and is left out"),
            left_out("a prompt cannot be expressed and is left out"),
        ),
        seg.Condition: Expression(
            lambda _segment, _charge_C: "REST",
            left_out("a temperature that is set cannot be expressed and is left out"),
            left_out("a temperature that is set cannot be expressed and is left out"),
        ),
        seg.LinearScan: Expression(
            lambda _segment, _charge_C: "LSV",
            left_out("a linear sweep cannot be expressed and is left out"),
            unicycler_steps.scan,
        ),
        seg.CyclicScan: Expression(
            lambda _segment, _charge_C: "CYCLIC_VOLTAMMETRY",
            left_out("cyclic voltammetry cannot be expressed and is left out"),
            unicycler_steps.scan,
        ),
        seg.Polarization: Expression(
            by_sign_of("CV", "voltage_V"), pybamm_strings.polarization, unicycler_steps.polarization
        ),
        ByHand: Expression(
            lambda _segment, _charge_C: "REST",
            left_out("what is set by hand is in no protocol, and is left out"),
            left_out("what is set by hand is in no protocol, and is left out"),
        ),
    },
    "expressions of the exports",
)


def expression_of(segment: seg.Segment) -> Expression:
    """Return how a segment is written; raises KeyError where nothing is known of its kind."""
    return EXPRESSIONS[type(segment)]
