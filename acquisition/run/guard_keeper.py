"""The engine's care for its guardian: the lease is renewed, and a guardian that is gone is replaced in a pause."""

import math

from solbench.acquisition.bench.bench import Guarding
from solbench.acquisition.bench.guardian_client import GuardianGone, GuardLink, Report


class GuardKeeper:
    """Keeps a guardian alive. A bench in this process has none (`guarding` None), and nothing is done.

    `lease_s`: how long the engine may be silent before it is taken for dead, in s; infinite without a guardian.
    """

    lease_s = math.inf

    def __init__(self, guarding: Guarding | None) -> None:
        self._guarding = guarding
        self._guard: GuardLink | None = guarding.guard if guarding is not None else None
        self.missed = ""
        if guarding is not None:
            self.lease_s = guarding.guard.lease_s

    def beat(self) -> None:
        """Renew the lease; `missed` says from then on why there is no guardian any more."""
        if self._guard is None:
            return
        try:
            self._guard.beat()
        except GuardianGone as gone:
            self._guard = None
            self.missed = str(gone)

    def replace(self) -> None:
        """Start another guardian where the first is gone; raises BadInput where the bench was taken meanwhile."""
        if self.missed and self._guarding is not None:
            self._guard = self._guarding.start()
            self.missed = ""

    def bye(self) -> None:
        """Let it end: the cell is safe."""
        if self._guard is not None:
            self._guard.bye()

    def act(self) -> Report | None:
        """Let it make the bench safe, for which the port must be free; return what it reports, None without one."""
        return self._guard.act() if self._guard is not None else None

    @property
    def is_there(self) -> bool:
        """Get whether a guardian lives as far as is known."""
        return self._guard is not None
