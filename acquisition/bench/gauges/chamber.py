"""The chamber around the cell: ordered by the engine, set by whoever reads the gauges of its line; nobody waits for it.

An order is carried out when its set point is read next. What it then answers is a gauge of the run, like its sensor.
"""

import math
from dataclasses import dataclass

from solbench.acquisition.bench.gauges.chamber_entry import ChamberEntry
from solbench.acquisition.bench.gauges.watched import Nature
from solbench.drivers.clock import Clock
from solbench.drivers.roles import Controller, GaugeReading

SET_POINT = "set point"
"""What follows the name of the controller's gauge in that of its set point."""
STEP_K = 0.5  # of a ramp that the program makes: each is written into a memory that wears out
SENT_TWICE = 2  # a set point that is not read back is sent once more
CHANGED_BY = 2  # readings that show another set point than the one that was verified
UNLIMITED_K = 333.15  # no higher without a limiter of its own that is read back
THERE_K = 2.0  # so near to its set point a chamber holds it, or overshoots: it is moved no more
LEAST_K = 0.06  # by less a set point is the same: controllers round what they show to tenths


@dataclass(frozen=True, slots=True)
class Order:
    """Where the chamber is to go: `target_K` at `per_s` (K/s); None: its output to zero."""

    target_K: float | None
    per_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Ramp:
    """A line from `from_K` at `since_s` (s) to the target of an order."""

    order: Order
    from_K: float
    since_s: float

    def at(self, now_s: float) -> float:
        """Return the set point (K) at a time, in whole steps on the way."""
        target_K = self.order.target_K
        assert target_K is not None
        way_K = target_K - self.from_K
        gone_K = self.order.per_s * max(now_s - self.since_s, 0.0)
        if gone_K >= abs(way_K):
            return target_K
        return self.from_K + math.copysign(STEP_K * math.floor(gone_K / STEP_K), way_K)


class Chamber:
    """One chamber; as a gauge it is read for its set point, in K.

    `entry`: what the bench file says. The methods that order may be called by any thread, `read` by that of its line.
    `mismatch`: the set point that was sent and the one that is read back, where that stays another one.
    `refusal`: why the newest order is not carried out, "" where it is.
    """

    unit = "K"

    def __init__(self, controller: Controller, entry: ChamberEntry, clock: Clock) -> None:
        self.entry = entry
        self.name = f"{controller.name} {SET_POINT}"
        self.every_s = controller.every_s
        self.sensor = controller.name
        self.mismatch: tuple[float, float] | None = None
        self.refusal = ""
        self._controller = controller
        self._clock = clock
        self._order: Order | None = None
        self._taken: Order | None = None
        self._ramp: Ramp | None = None
        self._sent_K: float | None = None
        self._sent = self._other = 0
        self._is_verified = False

    @property
    def nature(self) -> Nature:
        """Get what its set point is as a gauge: it may jump, and may stay as it is."""
        return Nature(
            name=self.name,
            unit=self.unit,
            place="elsewhere",
            every_s=self.every_s,
            resolution=self._controller.resolution,
            jump=math.inf,
            stuck_after_s=math.inf,
        )

    @property
    def order(self) -> Order | None:
        """Get the newest order, None before the first."""
        return self._order

    def go_to(self, target_K: float, per_s: float) -> None:
        """Have it go to a temperature (K) at `per_s` (K/s)."""
        self.mismatch, self.refusal = None, ""
        self._order = Order(target_K, per_s)

    def switch_off(self) -> None:
        """Have its output taken to zero."""
        self.mismatch, self.refusal = None, ""
        if self._order is None or self._order.target_K is not None:
            self._order = Order(None)

    def read(self) -> GaugeReading:
        """Carry out what was ordered, and return its set point; raises DriverError: then it is tried at the next."""
        order = self._order
        if order is not None and order is not self._taken:
            self.refusal = self._why_not(order)
            if not self.refusal:
                self._take_up(order)
        elif self._ramp is not None:
            self._move(self._ramp)
        shown_K = self._controller.set_point_as_read_back()
        self._compare(shown_K)
        return GaugeReading(self._clock.now(), shown_K)

    def _why_not(self, order: Order) -> str:
        """Return why an order is not carried out: without a limiter, nothing would end a heater that stays on."""
        if order.target_K is None:
            return ""
        ramp_K_s = order.per_s if self._controller.ramps and not math.isinf(order.per_s) else None
        if why := self._controller.why_not(order.target_K, ramp_K_s):
            return why
        if order.target_K <= UNLIMITED_K:
            return ""
        limit_K = self._controller.limit_as_read_back()
        highest_K = self.entry.highest.value
        if limit_K is None:
            return "its own limiter cannot be read back"
        if not order.target_K <= limit_K <= highest_K + LEAST_K:
            return (
                f"its own limiter stands at {limit_K - 273.15:.1f} degC, and must be between what is set and the "
                f"highest temperature that the bench file allows, {highest_K - 273.15:.1f} degC"
            )
        return ""

    def _take_up(self, order: Order) -> None:
        self._is_verified = False
        self._ramp, self._sent_K, self._other = None, None, 0
        if order.target_K is None:
            self._controller.make_safe()
            self._taken, self._is_verified = order, True
            return
        if self._controller.ramps:
            self._send(order.target_K, order.per_s)
        else:
            own_K = self._controller.read().value
            is_set = self._is_same(self._controller.set_point_as_read_back(), order.target_K)
            if is_set and abs(own_K - order.target_K) <= THERE_K:
                own_K = order.target_K  # where it was off, only its set point may still be there
            self._ramp = Ramp(order, own_K, self._clock.now())
            self._send(self._ramp.at(self._clock.now()), None)
        self._taken = order

    def _move(self, ramp: Ramp) -> None:
        wanted_K = ramp.at(self._clock.now())
        if wanted_K != self._sent_K and self._is_verified:
            self._send(wanted_K, None)
        if self._sent_K == ramp.order.target_K:
            self._ramp = None

    def _send(self, kelvin: float, per_s: float | None) -> None:
        self._controller.set_point(kelvin, None if per_s is None or math.isinf(per_s) else per_s)
        self._sent_K, self._sent, self._is_verified, self._other = kelvin, self._sent + 1, False, 0

    def _compare(self, shown_K: float) -> None:
        sent_K = self._sent_K
        if sent_K is None:
            return
        if self._is_same(shown_K, sent_K):
            self._is_verified, self._sent, self._other = True, 0, 0
            return
        self._other += 1
        if not self._is_verified and self._sent < SENT_TWICE:
            self._send(sent_K, self._taken.per_s if self._taken is not None else None)
        elif self._other >= CHANGED_BY:
            self.mismatch = sent_K, shown_K

    def _is_same(self, one_K: float, other_K: float) -> bool:
        return abs(one_K - other_K) <= max(LEAST_K, 0.51 * self._controller.resolution)
