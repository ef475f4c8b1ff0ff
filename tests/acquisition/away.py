"""An adapter that is away for a stretch of virtual time: every transfer fails, and it cannot be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from pyvisa.constants import StatusCode
from pyvisa.errors import VisaIOError

from solbench.simulators.bus.visa_library import SimulatedVisaLibrary

TRANSFERS = ("write", "read", "read_stb", "clear")


class Away:
    """Says at which virtual times the adapter is away; `until_s` (s) is when it is back."""

    def __init__(self) -> None:
        self.since_s = self.until_s = 0.0

    def leave(self, now_s: float, for_s: float) -> None:
        """Be away from `now_s` (s, of the bench's clock) for `for_s` (s)."""
        self.since_s, self.until_s = now_s, now_s + for_s

    def at(self, now_s: float) -> bool:
        """Say whether it is away."""
        return self.since_s <= now_s < self.until_s


@contextmanager
def adapter() -> Iterator[Away]:
    """Let the adapter of every simulated bench in this process be away when it is told to."""
    away = Away()

    def failing(name: str, status: StatusCode) -> Any:
        real: Callable[..., Any] = getattr(SimulatedVisaLibrary, name)

        def transfer(self: SimulatedVisaLibrary, *arguments: Any, **named: Any) -> Any:
            if away.at(self._bus.clock.now()):
                raise VisaIOError(status)
            return real(self, *arguments, **named)

        return mock.patch.object(SimulatedVisaLibrary, name, transfer)

    patches = [failing(name, StatusCode.error_connection_lost) for name in TRANSFERS]
    patches.append(failing("open", StatusCode.error_resource_not_found))
    for patch in patches:
        patch.start()
    try:
        yield away
    finally:
        for patch in patches:
            patch.stop()
