"""What the steps have in common: the bench, who mounts the parts, and how means and spectra are taken."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solbench.acquisition.bench.commissioning.record import Measured, Step, Values
from solbench.acquisition.commission.operator import NotAtHand, Operator, Unusable
from solbench.acquisition.commission.parts import OF_1287, PAIR, TERMINALS, LeadsOf, Mounting, Part
from solbench.acquisition.commission.written import in_unit
from solbench.drivers.clock import Clock, sleep
from solbench.drivers.keithley.keithley2400 import Keithley2400, Keithley2400With1260
from solbench.drivers.keithley.ranges import RANGES_2400
from solbench.drivers.roles import BenchInstrument, ImpedancePoint, Reading
from solbench.drivers.solartron.fra_pair import FraPair
from solbench.drivers.solartron.pair import Pair
from solbench.drivers.solartron.ranges import CurrentRange, current_range
from solbench.drivers.solartron.solartron1260 import Solartron1260

Commissioned = FraPair[Any] | Keithley2400
Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
LOWEST, ALIKE = 3, 0.05  # points of a spectrum that are looked at, and how much they may be off
LEAST_SOUND = 0.75  # of the points of a spectrum
PASSIVE_V = 0.02  # zeros, thermal voltages and hum stay below it
SETTLE_S = 0.3
VOLTAGE_STEP_V = 1e-4  # of a reading on the 20 V range
CURRENT_STEP = 5e-6  # of full scale
COARSE_STEP = 6e-5  # of a converter of 16 bits
UNIFORM = 1.0 / math.sqrt(12.0)  # standard deviation of what lies anywhere within one step


@dataclass(frozen=True)
class Found:
    """What a step found: values to add to the record, and what is wrong, in words; nothing wrong is passed."""

    values: Values
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mean:
    """The mean of several readings, with the standard uncertainties of noise and digits; `overload` if one had any."""

    voltage_V: Measured
    current_A: Measured
    overload: str


@dataclass
class Workbench:
    """A bench with a part in its leads; the cell is off between any two calls.

    `values`: what the steps before have found.
    """

    bench: Commissioned
    clock: Clock
    operator: Operator
    values: Values = field(default_factory=Values)

    @property
    def pair(self) -> FraPair[Any]:
        """Get the bench as a potentiostat with a 1260 at its outputs."""
        assert isinstance(self.bench, FraPair)
        return self.bench

    @property
    def has_fra(self) -> bool:
        """Get whether there is a 1260."""
        return isinstance(self.bench, FraPair | Keithley2400With1260)

    @property
    def fra(self) -> Solartron1260:
        """Get the 1260."""
        assert isinstance(self.bench, FraPair | Keithley2400With1260)
        return self.bench.fra

    @property
    def holder(self) -> BenchInstrument:
        """Get the instrument that holds the cell."""
        return self.bench if isinstance(self.bench, Keithley2400) else self.bench.pstat

    @property
    def name(self) -> str:
        """Get what the instrument that holds the cell is called."""
        return self.holder.name

    @property
    def settings(self) -> Any:
        """Get the settings of the instrument that holds the cell."""
        return self.bench.settings if isinstance(self.bench, Keithley2400) else self.bench.pstat.settings

    @property
    def terminal(self) -> str:
        """Get which leads are on the positive terminal; those of a 2400 are marked."""
        return "ce_re1" if isinstance(self.bench, Keithley2400) else self.settings.positive_terminal

    @property
    def potential_sign(self) -> int:
        """Get the sign of its voltmeter, +1 where a make has no choice."""
        return int(getattr(self.settings, "potential_sign", 1))

    @property
    def is_1287(self) -> bool:
        """Get whether it is a 1287 that holds the cell."""
        return isinstance(self.bench, Pair)

    @property
    def shift(self) -> int:
        """Get how far its ranges are counted from those of a 1287 with the same standard resistor."""
        return 0 if self.is_1287 else -1

    @property
    def ranges(self) -> Mapping[int, CurrentRange]:
        """Get its current ranges."""
        table = RANGES_2400 if isinstance(self.bench, Keithley2400) else self.bench.ranges
        return table.by_index

    def full_scale_A(self, range_index: int) -> float:
        """Return the full scale of one of its ranges, in A."""
        return self.ranges[range_index].full_scale_A

    @property
    def _current_step(self) -> float:
        """Get a digit of its ammeter, of full scale."""
        return CURRENT_STEP if self.is_1287 else COARSE_STEP

    @property
    def sign_A(self) -> float:
        """Get what turns the bench's sign of a current into that of the instrument."""
        return 1.0 if self.terminal == "ce_re1" else -1.0

    @property
    def sign_V(self) -> float:
        """Get what turns the bench's sign of a voltage into that of the instrument: a 1287 shows RE1 against RE2."""
        return self.sign_A * self.potential_sign if self.is_1287 else -self.sign_A

    def mount(self, step: Step, part: Part, cost: str, leads: LeadsOf = PAIR) -> None:
        """Have a part mounted, and set both instruments up; raises NotAtHand, and Unusable where it has a voltage.

        What is said to be a resistor may be a cell that somebody forgot: nothing is driven through that.
        """
        mounting = Mounting(
            step, part, self.terminal, cost, leads, TERMINALS.get(self.name, OF_1287), self.name
        )
        if not self.operator.mount(mounting):
            raise NotAtHand(part)
        self.bench.initialise()
        if part.clamping != "part":
            return
        shown = [self.bench.measure() for _ in range(2)]
        voltage_V = min((one.voltage_V for one in shown), key=abs)
        if any(one.overload for one in shown) or abs(voltage_V) > PASSIVE_V:
            raise Unusable(
                f"there are {voltage_V:.3f} V across what is said to be {part.name}: that is a cell, or the leads "
                "hang in the air. Nothing was driven through it"
            )

    @contextmanager
    def on(self) -> Iterator[None]:
        """Connect the cell with what was prepared, and disconnect it again on every way out."""
        self.bench.on()
        try:
            yield
        finally:
            self.bench.off()

    def wait(self, seconds: float = SETTLE_S) -> None:
        """Let time pass."""
        sleep(self.clock, seconds)

    def mean(self, readings: int, step_V: float = VOLTAGE_STEP_V) -> Mean:
        """Take the mean of several readings; `step_V` is a digit of the voltmeter."""
        taken = [self.bench.measure() for _ in range(readings)]
        found = Mean(
            _mean([one.voltage_V for one in taken], step_V),
            _mean([one.current_A for one in taken], self._current_step * self.bench.full_scale_A),
            next((one.overload for one in taken if one.overload), ""),
        )
        self.operator.show(
            f"{found.voltage_V.value:.4f} V, {in_unit(Measured(value=found.current_A.value), 'A')} on range "
            f"{self.bench.range_index}" + (f", overload: {found.overload}" if found.overload else "")
        )
        return found

    def until(self, good: Callable[[Reading], bool], within_s: float) -> Reading | None:
        """Read until a reading is as it should be, None where none is within some seconds."""
        until_s = self.clock.now() + within_s
        while True:
            reading = self.bench.measure(fast=True)
            if good(reading):
                return reading
            if self.clock.now() >= until_s:
                return None

    def spectrum(
        self, range_index: int, amplitude_V: float, frequencies_Hz: Sequence[float], integration_s: float
    ) -> "Spectrum":
        """Measure the part at 0 V (V rms, Hz, s), without points of which the analyzer says that they are wrong.

        The gains and the sign that were found are taken off, and nothing else. Raises Unusable where too few are left.
        """
        self.pair.prepare_impedance(amplitude_V, 0.0, range_index)
        return self.prepared_spectrum(range_index, amplitude_V, frequencies_Hz, integration_s)

    def prepared_spectrum(
        self, range_index: int, amplitude_V: float, frequencies_Hz: Sequence[float], integration_s: float
    ) -> "Spectrum":
        """Measure the part as the pair was prepared for it; `amplitude_V` (V rms) is noted alone. See `spectrum`."""
        pair = self.pair
        scale = self._scale()
        points: list[ImpedancePoint] = []
        with self.on():
            self.wait()
            pair.apply_ac()
            for one in frequencies_Hz:
                points.append(pair.measure_impedance(one, integration_s))
                self.operator.show(_point_in_words(points[-1]))
            pair.remove_ac()
        sound = [point for point in points if not point.error and point.impedance_ohm]
        if len(sound) < LEAST_SOUND * len(points):
            raise Unusable(
                f"{len(points) - len(sound)} of {len(points)} points on range {range_index} have an error of the "
                "analyzer: look at the cables between the instruments, and at the leads"
            )
        raw_ohm = [one.raw_ohm if one.raw_ohm is not None else one.impedance_ohm for one in sound]
        return Spectrum(
            range_index,
            amplitude_V,
            integration_s,
            np.array([point.frequency_Hz for point in sound]),
            np.array(raw_ohm, dtype=np.complex128) * complex(scale),
        )

    def _scale(self) -> float:
        """Return what the gains and the sign that were found make of an impedance as the pair prepared it."""
        setup, gains = self.pair.impedance_settings(), self.values.gains
        configured = self.pair.settings.output_polarity
        turned = (self.values.output_polarity or configured) * configured
        gain_V = gains.voltage_ten.value if setup["voltage_gain"] > 1.0 else 1.0
        gain_I = gains.current_ten.value if setup["current_gain"] > 1.0 else 1.0
        return turned * gain_I / gain_V


def require_like(spectrum: "Spectrum", expected_ohm: float, name: str) -> None:
    """Raise Unusable unless a spectrum ends, at its low frequencies, about where that of the part does."""
    lowest = spectrum.impedances_ohm[-LOWEST:]
    seen_ohm = complex(np.median(lowest.real), np.median(lowest.imag))
    if not abs(seen_ohm / expected_ohm - 1.0) < ALIKE:
        raise Unusable(
            f"range {spectrum.range_index} shows {seen_ohm.real:.4g} ohm ({seen_ohm.imag:+.2g}j) for {name} at low "
            "frequencies: another part is in the leads, or a lead or a cable is off"
        )


@dataclass(frozen=True)
class Spectrum:
    """Impedances (ohm) of a part on one range, with an amplitude (V rms) and an integration time (s)."""

    range_index: int
    amplitude_V: float
    integration_s: float
    frequencies_Hz: Array
    impedances_ohm: Complex


def full_scale_A(range_index: int) -> float:
    """Return the full scale of a range, in A."""
    return current_range(range_index).full_scale_A


def _mean(values: Sequence[float], step: float) -> Measured:
    count = len(values)
    spread = float(np.std(values, ddof=1)) if count > 1 else 0.0
    return Measured(
        value=float(np.mean(values)), stderr=math.hypot(spread / math.sqrt(count), UNIFORM * step)
    )


def _point_in_words(point: ImpedancePoint) -> str:
    seen = point.impedance_ohm
    degrees = math.degrees(math.atan2(seen.imag, seen.real))
    return f"{point.frequency_Hz:.4g} Hz: {abs(seen):.5g} ohm, {degrees:+.2f}° on range {point.range_index}"
