"""How long readings take: as assumed, until they were seen to take longer."""

from solbench.drivers.links.wait import Wait

AGAIN_FACTOR, AGAIN_S = 1.5, 0.2  # a reading is lost when it is so much later than others of its kind
FORGETTING = 0.999
_AS_EVER = Wait(0.0, 0.0, measures=True)[2:]
_made = tuple.__new__  # at every reading: this skips the keyword handling of a NamedTuple


class ReadingTimes:
    """The time of a reading by kind; `wait` is for a reading of the kind in use.

    `longest_s`: the first of a kind is waited for so long (s) beyond the time assumed; afterwards one that is lost is
    taken again much earlier.
    """

    def __init__(self, longest_s: float) -> None:
        self.wait = Wait(0.0, longest_s, longest_s, measures=True)
        self._longest_s = longest_s
        self._known_s: dict[tuple[float, str], float] = {}
        self._kind = (0.0, "")

    def use(self, conversion_s: float, drift: str) -> None:
        """Choose the kind: one conversion is assumed to take so long (s), with the drift correction as it is set."""
        self._kind = (conversion_s, drift)
        known_s = self._known_s.get(self._kind)
        if known_s is None:
            longest_s = conversion_s + self._longest_s
            self.wait = Wait(conversion_s, longest_s, longest_s, measures=True)
        else:
            self.wait = _wait(known_s)

    @property
    def beyond_s(self) -> float:
        """Get how much longer (s) than one conversion a reading of the kind in use was seen to take; 0 if unknown."""
        return max(0.0, self._known_s.get(self._kind, 0.0) - self._kind[0])

    def learn(self, unready_s: float) -> None:
        """Take note of how long (s) the last reading was seen to be unready; not above 0: it was there at once.

        What was learnt of a slow reading is forgotten little by little, down to what is assumed.
        """
        kind = self._kind
        assumed_s = kind[0]
        known_s = self._known_s.get(kind)
        if known_s is None or unready_s > known_s:
            known_s = max(unready_s, assumed_s)
        elif unready_s <= 0.0 and known_s > assumed_s:
            known_s = max(FORGETTING * known_s, assumed_s)
        else:
            return
        self._known_s[kind] = known_s
        self.wait = _wait(known_s)


def _wait(known_s: float) -> Wait:
    return _made(Wait, (known_s, AGAIN_FACTOR * known_s + AGAIN_S, *_AS_EVER))
