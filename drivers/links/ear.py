"""What hears the transfers of a wire: to write them down, for example."""

from collections.abc import Callable
from typing import Literal, Protocol, TypeVar

Transfer = Literal["write", "read", "poll", "clear", "local", "reopen"]

T = TypeVar("T")


class Ear(Protocol):
    """Hears one wire."""

    def meets(self, *, can_poll: bool, keeps_parts: bool, patience_s: float) -> None:
        """Hear how the wire's resource is to be used, as `Resource` describes it."""
        ...

    def transfer(self, kind: Transfer, carry_out: Callable[[], T], sent: bytes = b"") -> T:
        """Carry a transfer out; returns and raises what that does. `sent`: what is written."""
        ...
