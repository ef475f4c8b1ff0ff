"""What hears the clock and the wires of a bench: who writes a dialogue down, or plays one."""

from collections.abc import Mapping
from typing import Protocol

from solbench.acquisition.bench.dialogue.lines import Before
from solbench.acquisition.bench.gauges.watched import WatchedGauge
from solbench.drivers.clock import Clock
from solbench.drivers.links.ear import Ear


class Dialogue(Protocol):
    """Stands between a bench's drivers and its wires."""

    def clock(self, clock: Clock) -> Clock:
        """Return the clock to use in place of `clock`."""
        ...

    def ear(self, name: str) -> Ear:
        """Return what hears the wire `name`."""
        ...

    def gauge(self, gauge: WatchedGauge) -> WatchedGauge:
        """Return the gauge to use in place of `gauge`, which is on no wire that is heard."""
        ...

    def begin(self, time_base: str, addresses: Mapping[str, str], unit: str) -> None:
        """Hear that the bench is open, by which time it goes, where its instruments are, and which unit they are."""
        ...

    def before(self, offset_s: float, off_s: float | None, cut_bytes: int) -> Before:
        """Hear, of a later session, what it found of the one before it; return what is to be taken for that.

        See `Before` for what it is.
        """
        ...

    def take_words(self) -> str:
        """Return what a user must be told, once; "" for nothing."""
        ...

    def close(self) -> None:
        """Hear that the bench is closed."""
        ...
