"""The circuits that an automatic fit tries: inductance, series resistance, arcs and a tail, each may be absent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

Arc = Literal["CPE", "C"]
Tail = Literal["", "CPE", "C", "W", "Wo", "Ws"]


@dataclass(frozen=True)
class Layout:
    """Which parts a circuit has; `nested`: the tail stands in series with the resistance of the last arc (Randles)."""

    inductor: bool = True
    resistor: bool = True
    arcs: tuple[Arc, ...] = ()
    tail: Tail = ""
    nested: bool = False

    @property
    def text(self) -> str:
        """Get the circuit string.

        >>> Layout(False, True, ("CPE", "C"), "CPE").text, Layout(True, True, ("CPE",), "Wo", nested=True).text
        ('R0-p(R1,CPE1)-p(R2,C2)-CPE3', 'L0-R0-p(R1-Wo2,CPE1)')
        """
        count = len(self.arcs)
        tail = f"{self.tail}{count + 1}" if self.tail else ""
        parts = ["L0"] * self.inductor + ["R0"] * self.resistor
        for k, arc in enumerate(self.arcs, 1):
            inner = f"R{k}-{tail}" if self.nested and k == count else f"R{k}"
            parts.append(f"p({inner},{arc}{k})")
        return "-".join(parts + [tail] * (bool(tail) and not self.nested))

    def with_arcs(self, count: int) -> Layout:
        """Return it with so many arcs, each of a resistance and a constant phase element."""
        return replace(self, arcs=tuple("CPE" for _ in range(count)))

    def simpler(self, values: Sequence[float]) -> list[tuple[Layout, list[float]]]:
        """List the circuits with one part or parameter less, with start values (SI) from those of this one.

        Each part by itself: inductance, series resistance, an arc, an arc's resistance (it is then the tail) or its
        capacitance, an exponent; a finite diffusion becomes a semi-infinite one.
        """
        found: list[tuple[Layout, list[float]]] = []
        own = list(values)
        first = int(self.inductor) + int(self.resistor)
        if self.inductor:
            found.append((replace(self, inductor=False), own[1:]))
        if self.resistor:
            place = int(self.inductor)
            found.append((replace(self, resistor=False), own[:place] + own[place + 1 :]))
        return [(layout, start) for layout, start in found + self._of_arcs(own, first) if layout.text]

    def _of_arcs(self, own: list[float], first: int) -> list[tuple[Layout, list[float]]]:
        found: list[tuple[Layout, list[float]]] = []
        at = first
        for k, arc in enumerate(self.arcs):
            randles = self.nested and k == len(self.arcs) - 1
            inside = _SIZES[self.tail] if randles else 0
            end = at + 1 + inside + _SIZES[arc]
            others = self.arcs[:k] + self.arcs[k + 1 :]
            if not randles:
                found.append((replace(self, arcs=others), own[:at] + own[end:]))
            if not randles and not self.resistor:  # its apex may lie above the window
                start = [*own[:first], own[at], *own[first:at], *own[end:]]
                found.append((replace(self, resistor=True, arcs=others), start))
            if arc == "CPE":
                r, (q, n) = own[at], own[end - 2 : end]
                shorter = replace(self, arcs=(*self.arcs[:k], "C", *self.arcs[k + 1 :]))
                found.append((shorter, [*own[: end - 2], (r ** (1 - n) * q) ** (1 / n), *own[end:]]))
            if not self.tail:
                found.append((replace(self, arcs=others, tail=arc), own[:at] + own[end:] + own[at + 1 : end]))
            if randles:
                found.append((replace(self, tail="", nested=False), own[: at + 1] + own[at + 1 + inside :]))
            at = end
        return found + (self._of_tail(own) if self.tail and not self.nested else [])

    def _of_tail(self, own: list[float]) -> list[tuple[Layout, list[float]]]:
        size = _SIZES[self.tail]
        rest, tail = own[:-size], own[-size:]
        found: list[tuple[Layout, list[float]]] = [(replace(self, tail=""), rest)]
        if self.tail == "CPE":
            found.append((replace(self, tail="C"), [*rest, tail[0]]))
            found.append((replace(self, tail="W"), [*rest, 1 / (math.sqrt(2) * tail[0])]))
        if self.tail in ("Wo", "Ws"):
            found.append((replace(self, tail="W"), [*rest, tail[0] / math.sqrt(2 * tail[1])]))
        return found


_SIZES: dict[str, int] = {"": 0, "C": 1, "W": 1, "CPE": 2, "Wo": 2, "Ws": 2}
