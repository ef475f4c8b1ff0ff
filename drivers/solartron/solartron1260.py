"""The Solartron 1260 impedance and gain-phase analyzer: generator and two-channel correlator."""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from solbench.drivers.clock import sleep
from solbench.drivers.errors import (
    BadReply,
    DriverError,
    InstrumentError,
    NoReply,
    OtherIdentity,
    OutOfOrder,
    OutOfRange,
)
from solbench.drivers.links.link import Link, Revival
from solbench.drivers.links.numbers import first_integer
from solbench.drivers.links.wait import Wait
from solbench.drivers.solartron.commands1260 import COUPLINGS, Commands1260
from solbench.drivers.solartron.family import error_text
from solbench.drivers.solartron.settings import Settings1260

READ_BACK = "GT,FR,VA,VB,IS,MS,AU,SW,CV,UW"
# 1260 manual p. 138: 14 + 11 + 11 + 1 + 2 characters and four commas; `fullmatch` anchors it
LINE = re.compile(
    r"([+-][0-9]\.[0-9]{7}E[+-][0-9]{2}),([+-][0-9]\.[0-9]{4}E[+-][0-9]{2}),([+-][0-9]\.[0-9]{4}E[+-][0-9]{2}),"
    r"([0-9]),(00|-1|\+1)"
)
LINE_FORM = "frequency, two parameters, error digit and limit check in 43 characters"
GENERATOR_CODES = frozenset({"GT", "VA", "VB"})
SHORTEST_INTEGRATION_S = 0.01
FULL_AMPLITUDE_TO_HZ, HIGH_FREQUENCY_AMPLITUDE_V = 10e6, 1.0
RATIO, IMPEDANCE, VOLTAGE = "V1/V2", "V1/I", "V1"
SAME = 1e-3  # relative difference between two outputs of one result, which has five digits
SAFE_AFTER_CLEAR = frozenset({"VA0", "VB0", "BK"})
HELD_S = 0.5  # between two tries while it measures and takes nothing


@dataclass(frozen=True, slots=True)
class FraResult:
    """One result line: `a` and `b` in the chosen coordinates, `error` and `limit` as sent.

    `time_s` is the middle of the integration in experiment time.
    """

    frequency_Hz: float
    a: float
    b: float
    error: int
    limit: int
    time_s: float = math.nan


def parse_result(line: str, instrument: str = "1260", command: str = "SI") -> FraResult:
    """Return the numbers of a result line of 43 characters (1260 manual p. 138); raises BadReply."""
    try:
        return _result(line)
    except ValueError:
        raise BadReply(instrument, command, line, LINE_FORM) from None


def _result(line: str) -> FraResult:
    found = LINE.fullmatch(line)
    if found is None:
        raise ValueError(line)
    return FraResult(float(found[1]), float(found[2]), float(found[3]), int(found[4]), int(found[5]))


def integrated_s(frequency_Hz: float, integration_s: float) -> float:
    """Return the time really integrated: whole periods, at least one (s)."""
    periods = max(1, math.ceil(integration_s * frequency_Hz * (1.0 - 1e-9)))
    return periods / frequency_Hz


def sent_integration_s(frequency_Hz: float, integration_s: float) -> float:
    """Return the integration time (s) to send, with five digits: rounded up it would be a period more."""
    sent_s = float(f"{integration_s:.4E}")
    if integrated_s(frequency_Hz, sent_s) > integrated_s(frequency_Hz, integration_s):
        return max(integration_s * (1.0 - 1e-4), SHORTEST_INTEGRATION_S)
    return integration_s


def measuring_s(
    frequency_Hz: float, integration_s: float, settings: Settings1260, delay_s: float = 0.0
) -> float:
    """Return how long one measurement takes on its own range, in s; `delay_s` (s) is waited before it integrates."""
    settling_s = settings.periods_below_1_hz / frequency_Hz if frequency_Hz < 1.0 else 0.0
    return settings.overhead_s + delay_s + settling_s + integrated_s(frequency_Hz, integration_s)


def timeout_s(
    frequency_Hz: float, integration_s: float, settings: Settings1260, delay_s: float = 0.0
) -> float:
    """Return after which time (s) a measurement has failed: auto range may have begun anew several times."""
    once_s = measuring_s(frequency_Hz, integration_s, settings, delay_s)
    return (1 + settings.autorange_retries) * once_s + 2.0 / frequency_Hz + settings.reply_margin_s


def _echoes(result: FraResult, frequency_Hz: float, tolerance: float) -> bool:
    return math.isclose(result.frequency_Hz, frequency_Hz, rel_tol=tolerance)


class Solartron1260(Commands1260):
    """Driver of the 1260; `link` is open, `settings` describe the unit."""

    model = "Solartron 1260"
    read_back = tuple(READ_BACK.split(","))

    def __init__(self, link: Link, settings: Settings1260 | None = None) -> None:
        super().__init__(link)
        self.settings = settings = settings or Settings1260()
        self.model = f"Solartron {settings.family}"
        if not settings.has_current_input:
            self.read_back = tuple(code for code in self.read_back if code != "GT")
        link.greeting = f"OT{settings.output_terminator}"
        # some units may forget all their settings by a device clear (D)
        link.clears_before = SAFE_AFTER_CLEAR
        link.revival = Revival("?VA", settings.reset_s)
        self._generator_is_off = False
        self._was_reset = False
        self._source = RATIO
        self._last: FraResult | None = None

    @property
    def generator_is_off(self) -> bool:
        """Get whether amplitude and bias were read back as zero and not touched since."""
        return self._generator_is_off

    def before_set(self, code: str, argument: str) -> None:
        """Forget that the generator is off when it is about to be touched."""
        if code in GENERATOR_CODES:
            self._generator_is_off = False

    def initialise(self) -> None:
        """Reset (once in the life of this driver) and set up for the ratio V1/V2; the generator is off."""
        self.measuring_until_s = -math.inf
        if not self._was_reset:
            self._generator_is_off = False
            self.reset = "defaults"
            self.was_set.clear()
            sleep(self.link.clock, self.settings.reset_s)
            self._was_reset = True
        self._set_up_output()
        self._set_up_generator()
        self._set_up_inputs()
        self._set_up_result()
        self.check_errors()
        self.link.was_cleared = False

    def use_ratio(self) -> None:
        """Measure V1/V2 from now on; nothing is sent when it does so already."""
        if self._source != RATIO:
            self._set_up_inputs()
            self._set_up_result()
            self.check_errors()

    def use_impedance(self, input_mode: int, input_screen: int) -> None:
        """Measure V1/I in ohm from now on; `IP` and `OU` codes for V1."""
        self._source = IMPEDANCE
        self.source = IMPEDANCE
        self.impedance_coordinates = "R and X"
        self.coupling_1 = "DC"
        self.coupling_i = "DC"
        self.input_mode_1 = input_mode
        self.input_screen_1 = input_screen
        self.autorange_anew()
        self.check_errors()

    def identity(self) -> str:
        """Return the answer to `*IDN?`; raises OtherIdentity when it is not that of its family."""
        text = self.identification
        wanted = self.settings.answer_contains
        if wanted not in text:
            raise OtherIdentity(self.link.name, text, wanted)
        return text

    def last_error(self) -> int | None:
        """Return the code of the last error, 0 for none; None on a unit that is never asked. Raises BadReply."""
        query = self.settings.error_query
        if not query:
            return None
        return self.link.ask(query, first_integer, "a whole number")

    def check_errors(self) -> None:
        """Raise InstrumentError when the last error is not 0."""
        command = self.link.last_command
        if code := self.last_error():
            raise InstrumentError(code, error_text(code), command, self.link.name)

    def generator_off(self) -> None:
        """Set amplitude and bias to zero and read both back; raises BadReply when they are not.

        While it measures and takes nothing, until the measurement is over; NoReply then.
        """
        self._insist(self._generator_off)

    def confirm_generator_off(self) -> None:
        """Read amplitude and bias; raises BadReply when they are not zero."""
        self._insist(self._confirm_generator_off)

    def require_generator_off(self) -> None:
        """Raise OutOfOrder unless amplitude and bias are zero; they are asked for when that is not known."""
        if self._generator_is_off:
            return
        try:
            self.confirm_generator_off()
        except BadReply as answer:
            raise OutOfOrder("the 1260's generator is not at zero: call remove_ac() first") from answer

    def measure_ratio(self, frequency_Hz: float, integration_s: float, delay_s: float = 0.0) -> FraResult:
        """Measure the chosen quantity once at `frequency_Hz` (Hz), integrating `integration_s` (s).

        The generator is on for `delay_s` (s) before it integrates. Raises OutOfRange, NoReply when the time-out (from
        frequency, integration and auto range) has passed, OutOfOrder where `last_voltage_V` broke off, and BadReply for
        a line that is not a result. Echoed frequency and error digit are the caller's to judge.
        """
        link, self._last = self.link, None
        if link.was_cleared:  # what it would measure now, and how, is not known
            raise NoReply(link.name, "SI", 0.0, "It had to be cleared, and is not set up again")
        if self._source == VOLTAGE:
            raise OutOfOrder("the 1260 may still show V1 by itself: prepare the spectrum again")
        if link.reply_pending:
            self.stop()  # an unfinished measurement would answer in place of this one
        self.frequency_Hz = frequency_Hz
        self.integration_s = sent_integration_s(frequency_Hz, integration_s)
        if float(self.was_set.get("MS", "0")) != delay_s:
            self.delay_s = delay_s
        longest_s = timeout_s(frequency_Hz, integration_s, self.settings, delay_s)
        usual_s = measuring_s(frequency_Hz, integration_s, self.settings, delay_s)
        wait = Wait(usual_s, longest_s, measures=True)
        self.measuring_until_s = link.clock.now() + longest_s
        result = link.ask("SI", _result, LINE_FORM, wait, repeat="DO")
        self.measuring_until_s = -math.inf
        self._last = result
        return replace(result, time_s=link.ready_s - 0.5 * integrated_s(frequency_Hz, integration_s))

    def last_voltage_V(self) -> float:
        """Return what V1 by itself was in the last measurement (V rms, C); nothing is measured for it.

        Afterwards the result is put out once more as before, so that no later one is taken for another quantity.
        Raises OutOfOrder before there is one, BadReply, NoReply.
        """
        last = self._last
        if last is None:
            raise OutOfOrder("nothing has been measured yet: call measure_ratio first")
        own, self._source = self._source, VOLTAGE  # whoever is interrupted here sets it anew
        self.source = VOLTAGE
        alone = shown = self._again()
        for _ in range(2):  # a source that was not taken is set once more
            self.source = own
            shown = self._again()
            if abs(complex(shown.a, shown.b) - complex(last.a, last.b)) <= SAME * math.hypot(last.a, last.b):
                self._source = own
                return math.hypot(alone.a, alone.b)
        found, expected = f"{shown.a:.4E},{shown.b:.4E}", f"{last.a:.4E},{last.b:.4E} as before"
        raise BadReply(self.link.name, "DO", found, expected)

    def _again(self) -> FraResult:
        """Return the last result, in the present source."""
        return self.link.ask("DO", _result, LINE_FORM)

    def measure_checked(
        self, frequency_Hz: float, integration_s: float, tolerance: float, delay_s: float = 0.0
    ) -> tuple[FraResult, int]:
        """Measure once, and once more after an error digit, a wrong echo or no result; return result and attempts.

        A result whose second measurement has an error digit too is returned with it. Raises BadReply when the
        echoed frequency differs by more than `tolerance` (relative) again, and what `measure_ratio` raises.
        """
        attempts = 1
        result: FraResult | None = None
        try:
            result = self.measure_ratio(frequency_Hz, integration_s, delay_s)
        except NoReply:
            if not self.link.reply_pending:  # it did not even take the command
                raise
            self.link.note("silent", "")
        if result is None or result.error or not _echoes(result, frequency_Hz, tolerance):
            attempts = 2
            self.autorange_anew()
            result = self.measure_ratio(frequency_Hz, integration_s, delay_s)
        if not _echoes(result, frequency_Hz, tolerance):
            echo = f"{result.frequency_Hz:.7E}"
            raise BadReply(self.link.name, "SI", echo, f"a result at {frequency_Hz:.7E} Hz")
        return result, attempts

    def set_amplitude(self, amplitude_V: float, highest_frequency_Hz: float) -> None:
        """Set the AC amplitude (V rms) for frequencies up to `highest_frequency_Hz`; raises OutOfRange.

        An earlier spectrum may have left a frequency at which the instrument would refuse the amplitude.
        """
        is_large = amplitude_V > HIGH_FREQUENCY_AMPLITUDE_V
        if is_large and highest_frequency_Hz > FULL_AMPLITUDE_TO_HZ:
            raise OutOfRange("amplitude_V", amplitude_V, "V", "0 to 1 V above 10 MHz")
        if is_large and float(self.was_set.get("FR", "0")) > FULL_AMPLITUDE_TO_HZ:
            self.frequency_Hz = FULL_AMPLITUDE_TO_HZ
        self.amplitude_V = amplitude_V

    @property
    def coupling_set(self) -> str:
        """Get how V1 was last coupled, AC or DC."""
        return COUPLINGS.word(self.was_set["DC1,"])

    def couple(self, coupling: str) -> None:
        """Couple V1 and V2, AC or DC, and have them look for their range again."""
        self.coupling_1 = coupling
        self.coupling_2 = coupling
        self.autorange_anew()

    def autorange_anew(self) -> None:
        """Make the inputs in use look for their range again."""
        self.input_range_1 = "auto"
        if self._source == IMPEDANCE:
            self.input_range_i = "auto"
        else:
            self.input_range_2 = "auto"

    def stop(self) -> None:
        """Break off whatever is being measured, when it takes a command again; raises NoReply if it never does."""
        self._insist(self._break)

    def force_off(self) -> str:
        """Zero amplitude and bias, and break; return what went wrong, "" if nothing did.

        Never raises DriverError, and waits for no answer: an absent analyzer must not hold up what follows. While it
        measures it may take nothing: then the zeros are read back, and all is repeated until it is over.
        """
        self._generator_is_off = False
        steps: tuple[Callable[[], None], ...] = (self._zero_amplitude, self._zero_bias, self._break)
        if self.link.clock.now() < self.measuring_until_s:
            steps = (self.generator_off, self.stop)
        problems = []
        for step in steps:
            try:
                step()
            except DriverError as problem:
                problems.append(str(problem))
        return "; ".join(problems)

    def _insist(self, step: Callable[[], None]) -> None:
        """Carry out a step that may be repeated, again and again while a measurement may keep the bus from it.

        Raises what the step raises, NoReply only once the measurement must be over.
        """
        clock, is_told = self.link.clock, False
        while True:
            try:
                step()
                return
            except NoReply:
                if (left_s := self.measuring_until_s - clock.now()) <= 0.0:
                    raise
            if not is_told:
                self.link.note("measuring", f"{left_s:.1f}")
                is_told = True
            with suppress(DriverError):
                self._break()  # some may hear this one alone
            sleep(clock, HELD_S)

    def _generator_off(self) -> None:
        self._zero_amplitude()
        self._zero_bias()
        self._confirm_generator_off()

    def _confirm_generator_off(self) -> None:
        self._generator_is_off = False
        for query, read in (("?VA", self._amplitude), ("?VB", self._bias)):
            if read() != 0.0 and (value := read()) != 0.0:  # one wrong character is no generator that is on
                raise BadReply(self.link.name, query, f"{value:g} V", "0 V before the cell is switched")
        self._generator_is_off = True

    def _amplitude(self) -> float:
        return self.amplitude_V

    def _bias(self) -> float:
        return self.bias_V

    def _break(self) -> None:
        self.link.write("BK")

    def _zero_amplitude(self) -> None:
        self.amplitude_V = 0.0

    def _zero_bias(self) -> None:
        self.bias_V = 0.0

    def _set_up_output(self) -> None:
        settings = self.settings
        self.output_separator = settings.output_separator
        self.output_terminator = settings.output_terminator
        self.output_rs423 = "off"
        self.output_file = "off"
        self.headings = False

    def _set_up_generator(self) -> None:
        if self.settings.has_current_input:
            self.generator_type = "voltage"
        self.generator_off()
        self.monitor = "off"
        self.sweep = "off"

    def _set_up_inputs(self) -> None:
        mode, screen = self.settings.input_mode, self.settings.input_screen
        self._source = RATIO
        self.auto_integration = "off"
        self.autorange_anew()
        self.coupling_1 = "DC"
        self.coupling_2 = "DC"
        self.input_mode_1 = mode
        self.input_mode_2 = mode
        self.input_screen_1 = screen
        self.input_screen_2 = screen

    def _set_up_result(self) -> None:
        self.source = RATIO
        self.coordinates = "a and b"
        self.phase_presentation = "-180 to 180 deg"
        self.delay_s = 0.0
        self.output_gpib = "all"
        if self.settings.service_request_mask is not None:
            self.service_request = self.settings.service_request_mask
