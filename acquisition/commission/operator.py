"""Whoever mounts the parts: a person at the terminal, or what stands in for one on a simulated bench."""

from typing import Protocol

from solbench.acquisition.bench.commissioning.record import Step
from solbench.acquisition.commission.parts import Mounting, Part


class NotAtHand(Exception):
    """A part is not at hand; `part` says which."""

    def __init__(self, part: Part) -> None:
        super().__init__(f"{part.name} was not at hand")
        self.part = part


class Unusable(Exception):
    """What is clamped cannot be the part that was asked for, or it was not measured; the text says why."""


class Operator(Protocol):
    """Mounts what is asked for, while the cell is off."""

    def mount(self, mounting: Mounting) -> bool:
        """Return once the part is mounted and somebody says so; False where it is not at hand. Raises Interrupted."""
        ...

    def number(self, question: str, unit: str) -> float | None:
        """Return what a person reads from an instrument of their own, None where there is none."""
        ...

    def begin(self, step: Step) -> None:
        """Say which step begins."""
        ...

    def show(self, text: str) -> None:
        """Show what was just measured, for somebody who watches; nothing is lost where nobody does."""
        ...

    def tell(self, text: str) -> None:
        """Say how it goes."""
        ...
