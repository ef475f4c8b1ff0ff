"""How each kind of segment is written in the formats of other programs; complete, or nothing is exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solbench.analysis.exports import pybamm_strings, unicycler_steps
from solbench.analysis.exports.losses import Losses
from solbench.analysis.exports.pieces import Piece
from solbench.protocols import segments as seg
from solbench.protocols.files import Fields
from solbench.protocols.kinds.registry import complete


@dataclass(frozen=True)
class Expression:
    """One kind of segment: what it is in each format, with what is lost on the way noted."""

    pybamm: Callable[[Piece[Any], Losses], Iterator[str]]
    unicycler: Callable[[Piece[Any], Losses], Iterator[Fields]]


def left_out(reason: str) -> Callable[[Piece[Any], Losses], Iterator[Any]]:
    """Return how a segment is written where a format has nothing for it: not at all, which is noted."""

    def write(piece: Piece[Any], losses: Losses) -> Iterator[Any]:
        losses.add(piece.place, reason)
        yield from ()

    return write


EXPRESSIONS: Mapping[type[seg.Segment], Expression] = complete(
    {
        seg.Rest: Expression(pybamm_strings.rest, unicycler_steps.rest),
        seg.ConstantCurrent: Expression(pybamm_strings.constant_current, unicycler_steps.constant_current),
        seg.ConstantVoltage: Expression(pybamm_strings.constant_voltage, unicycler_steps.constant_voltage),
        seg.Sweep: Expression(
            left_out("a spectrum cannot be expressed and is left out"), unicycler_steps.spectrum
        ),
        seg.Polarization: Expression(pybamm_strings.polarization, unicycler_steps.polarization),
    },
    "expressions of the exports",
)


def expression_of(segment: seg.Segment) -> Expression:
    """Return how a segment is written; raises KeyError where nothing is known of its kind."""
    return EXPRESSIONS[type(segment)]
