"""Which bit of a serial poll says that a line waits: as expected, or as an instrument shows it."""

from math import inf

from solbench.drivers.links.incidents import IncidentCode

REQUEST = 64  # asks for service (IEEE 488.1); it never says what for
STUCK_S = (
    10.0  # a status that showed a line in vain is no reason to read for so long, and twice as long each time
)
SURE_AFTER = 2  # lines that no bit announced, until none is looked for


class StatusBit:
    """The bits of `mask`, until an instrument was seen to use another one, or none (0).

    It is proven by a bit that was not there before the question, was there before the line was read, and has gone
    afterwards. `sign`: what shows a line before a question; a bit that was proven once stays that, also where it is no
    longer waited for: a status may be stuck for a while. `look_from_s`: of the clock, when to look before a question;
    `clean_s`: when a look found last that nothing waited.
    """

    __slots__ = (
        "_pause_s",
        "_read_from_s",
        "_unseen",
        "_was_proven",
        "before",
        "clean_s",
        "is_proven",
        "look_from_s",
        "mask",
        "sign",
    )

    def __init__(self, mask: int) -> None:
        self.mask = self.sign = mask
        self.is_proven = not mask
        self.before = 0
        self.look_from_s = self.clean_s = self._read_from_s = -inf
        self._pause_s = 0.0
        self._unseen = 0
        self._was_proven = False

    def is_believed(self, status: int, now_s: float) -> bool:
        """Return whether a status before a question at `now_s` (s) is a reason to read: not while it is stuck."""
        if not status & self.sign:
            self._pause_s, self._read_from_s = 0.0, -inf
            return False
        return now_s >= self._read_from_s

    def read_in_vain(self, now_s: float) -> None:
        """Believe it less: it said that a line waits, and none came. It may be stuck, and that is not learnt."""
        self._pause_s = max(2.0 * self._pause_s, STUCK_S)
        self._read_from_s = now_s + self._pause_s

    def has_shown(self) -> IncidentCode | None:
        """Wait for it again after a line that it showed before a question; return what changed."""
        if self.mask == self.sign:
            return None
        self.mask, self.is_proven, self._unseen = self.sign, True, 0
        return "other bit"

    def doubt(self) -> None:
        """Look anew: a line came that the proven bit did not announce."""
        self.is_proven = False
        self.before = 0

    def is_another(self, status: int) -> bool:
        """Return whether bits that were not there before the question may say what the expected one does not."""
        return not self.is_proven and bool(status & ~self.before & ~REQUEST)

    def learn(self, waiting: int, taken: int) -> IncidentCode | None:
        """Look at the status before and after a line was read; return what changed, None for nothing."""
        shown = waiting & ~taken & ~self.before & ~REQUEST
        if shown & self.mask:
            self.is_proven, self._was_proven, self._unseen = True, True, 0
            return None
        if shown:
            self.mask = self.sign = 1 << (shown.bit_length() - 1)
            self.is_proven, self._was_proven, self._unseen = True, True, 0
            return "other bit"
        self._unseen += 1
        if self._unseen < SURE_AFTER:
            return None
        self.mask, self.is_proven = 0, True
        if not self._was_proven:
            self.sign = 0
        return "no bit"
