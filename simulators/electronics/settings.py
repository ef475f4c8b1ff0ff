"""What is not known for certain about the instruments, as named settings of the simulated bench.

Grades: A manual page or several independent programs, B one program, C inference, D recollection only,
K general knowledge to be confirmed at commissioning. Everything graded C, D or K stands here and nowhere in
the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from solbench.simulators.electronics.checked import Checked, SettingError
from solbench.simulators.electronics.checked import require as _require
from solbench.simulators.electronics.makes.settings_2400 import Settings2400
from solbench.simulators.electronics.makes.settings_ec301 import SettingsEc301
from solbench.simulators.unchecked import Value

__all__ = [
    "BenchSettings",
    "Calibration",
    "Interface",
    "LeadSettings",
    "SettingError",
    "Settings1260",
    "Settings1287",
]

TERMINATORS = ("EOI", "LF", "CR", ";")
POSITIVE_TERMINALS = ("ce_re1", "we_re2")
WIRINGS = ("pair", "analyzer_alone")
BYTE_ORDERS = ("big", "little")
LONGEST_LATENCY_S = 10.0
OUTPUT_MODES = ("off", "all", "fail", "pass", "dump", "dump_all")
VARIABLES = ("frequency", "amplitude", "bias")
ERROR_MODES = ("none", "typical")
WHILE_MEASURING = ("hold", "queue", "ignore", "obey")
DEVICE_CLEAR = ("keeps", "breaks", "resets")
LAG_SHAPES = ("delay", "pole")
IDEAL = "ideal"
IDENTITIES = {
    "1260": "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0",
    "1260A": "SOLARTRON, 1260A IMPEDANCE ANALYZER, 0, 0",
    "1255B": "1255B FREQUENCY RESPONSE ANALYZER, SOLARTRON,0,0d",
}
"""Replies to *IDN? (1260: manual p. 142, A; 1255B: one program, B; 1260A: in the same manner, C)."""
NO_ERRORS = (0.0,) * 8


@dataclass(frozen=True, slots=True)
class Settings1260(Checked):
    """The 1260: what its manual pages leave open. Times in seconds."""

    family: str = "1260"
    """Which of the family it is: `1260`, `1260A`, or `1255B`, the analyzer without the I input, to 1 MHz (one program
    sends it the 1260's codes, B; which ones it lacks, K)."""
    input_terminator: str = "EOI"
    """Rear switches F1 and F2: EOI, LF, CR or `;` (1260 manual p. 136, A; a unit's own)."""
    identity: str = IDENTITIES["1260"]
    """Reply to *IDN? (manual p. 142, A; other firmware words it otherwise, C)."""
    version: str = "12600001"
    """Reply to ?VN (the command is certain on the 1287 only, C; the text is made up, D)."""
    overhead_s: float = 0.35
    """Time of a point besides integration and settling (a client's own estimate less its sleeps, B/C)."""
    settling_max_s: float = 1.0
    """A point waits one period, at most this long, before it integrates: with 1 s of integration, a client's
    1.8047 s + 1.0025/f less 0.45 s of sleeps comes out within 20 ms or 0.3 %, whichever is more, from 10 mHz up,
    where 1 s holds whole periods or less than one (fit B, split C)."""
    autorange_retry_s: float = 0.1
    """Each step of an auto range costs this and `autorange_periods` (D)."""
    autorange_periods: float = 1.0
    """How many periods each step of an auto range takes besides (D; two programs that read a first point at 1 Hz
    within 2.4 and 3 s speak for none, B)."""
    reset_s: float = 1.8
    """After TT what is sent is lost and nothing is answered for so long; clients wait 2, 3 and 5 s (C)."""
    output_bytes_per_s: float = 1000.0
    """Bytes a second of its talker: about 1 byte/ms on the 1250 (1250 manual p. 142, sister: C)."""
    results_to_gpib_after_reset: int = 0
    """OP 2 after power-on and TT: every client switches it on, so off is taken (C)."""
    output_terminator_after_reset: int = 1
    """OT after power-on and TT: 0 CR LF, 1 CR LF + EOI, 2 CR, 3 CR + EOI (D)."""
    overload_digits: tuple[int, int, int] = (1, 2, 3)
    """Error digit of an overloaded V1, V2, I (group 8; 1 = overload on the 1251, C; the others D)."""
    noise_of_reading: float = 1e-3
    """Noise of each part of a result as a fraction of its magnitude (R, D: 0.1 to 0.2 %)."""
    noise_of_range: float = 1e-5
    """Noise of each input as a fraction of its full scale at 1 s of integration, falling as 1/sqrt(t) (D)."""
    ac_coupling_pole_Hz: float = 1.0
    """High-pass corner of an ac-coupled input (D)."""
    integration_after_reset_s: float = 1.0
    """IS after power-on and TT (D)."""
    frequency_after_reset_Hz: float = 1000.0
    """FR after power-on and TT (D)."""
    autorange_first: int = 1
    """The range that an auto-ranged input has before its first measurement, 1 the most sensitive (D)."""
    after_reset: tuple[str, ...] = ()
    """Commands for whatever else TT and power-on leave otherwise than the tables say: a display source other than V1/V2
    (`SO1,3`: two programs measure an impedance without choosing it, B), coordinates (`CZ1`), any other default (C)."""
    front_panel: tuple[str, ...] = ()
    """What hands set before the first program came, as the commands that do the same: power-on keeps the control
    settings (1260 manual p. 136, A)."""
    error_query_clears: bool = False
    """?ER leaves the error standing until CE (C: there is a command to clear it)."""
    lower_case_exponent: bool = False
    """`1e-05` is refused with error 04: no program is known to have tried it (D)."""
    message_available_bit: int = 4
    """Bit of the status byte that says a message waits (*SRE16 by one client, B)."""
    output_modes: tuple[str, str, str, str, str, str] = OUTPUT_MODES
    """What OP p,0 to p,5 let out: off and all are seen (A), the order of the others is recollected (D). No code
    for the limits is known, so every result passes: `fail` lets out nothing."""
    variables: tuple[str, str, str] = VARIABLES
    """What VI 0 to 2 put into the first field of a result (0 B, the others D)."""
    dump_byte_order: str = "big"
    """Byte order of the floats in a dump: big or little (D)."""
    history_results: int = 1000
    """How many results the history file keeps, the newest (D)."""
    output_ohm: float = 50.0
    """Resistance of the generator's output (D)."""
    current_input_ohm: float = 0.0
    """Resistance of the I input against ground (D)."""
    output_open_after_break: bool = False
    """Whether the generator's output is open after BREAK; otherwise it is 0 V behind its resistance (D)."""
    event_bit: int = 5
    """Bit of the status byte that sums up the event register (488.2, C)."""
    request_bit: int = 6
    """Bit of the status byte that says service was requested (488.2, C)."""
    while_measuring: str = "hold"
    """What becomes of a command during a measurement. `hold`: the bus's handshake is held off until it is over, so
    that the controller waits, or times out; `queue`: commands wait inside, BK and TT excepted; `ignore`: DO is lost,
    all else obeyed; `obey`: all is obeyed at once. That a DO sent meanwhile does not bring the result before is sure
    (three programs and 280 recorded lines, A); which of the first three does it is not (C)."""

    device_clear: str = "keeps"
    """What a device clear does besides emptying input and output: `keeps` all as it is (IEEE 488.2), `breaks` off as
    BK does, or `resets` as TT does (nothing found, D)."""

    @property
    def answers_identity(self) -> str:
        """Get the reply to *IDN?, in the words of its family where no other ones are set."""
        own = self.identity != IDENTITIES["1260"]
        return self.identity if own else IDENTITIES[self.family]

    def __post_init__(self) -> None:
        _require("family", self.family, tuple(IDENTITIES))
        _require("input_terminator", self.input_terminator, TERMINATORS)
        _require("device_clear", self.device_clear, DEVICE_CLEAR)
        _require("while_measuring", self.while_measuring, WHILE_MEASURING)
        _require("output_terminator_after_reset", self.output_terminator_after_reset, (0, 1, 2, 3))
        _require("dump_byte_order", self.dump_byte_order, BYTE_ORDERS)
        for mode in self.output_modes:
            _require("output_modes", mode, OUTPUT_MODES)
        for variable in self.variables:
            _require("variables", variable, VARIABLES)


@dataclass(frozen=True, slots=True)
class Settings1287(Checked):
    """The 1287: what its manual pages leave open. Times in seconds, frequencies in hertz."""

    input_terminator: str = "EOI"
    """Rear switches: EOI, LF, CR or `;` (as on the 1260, A; how a unit is set is its owner's)."""
    version: str = "12870001"
    """Reply to ?VN (command B, text made up D)."""
    conversion_s: tuple[float, float, float, float] = (0.2, 0.02, 1.0 / 60.0, 0.002)
    """Window of one DVM conversion for DG 0 to 3: whole cycles of the mains for 5x9 and 4x9 (D)."""
    drift_correction_factor: float = 2.0
    """A reading with drift correction on (DC0) takes so many conversions: a zero and the signal (D)."""
    reading_overhead_s: float = 0.005
    """Time of a reading besides its conversions (D)."""
    range_change_s: float = 0.0
    """A reading does not begin sooner than this after another RR or RG (nothing found, D)."""
    counts: tuple[int, int, int, int] = (200_000, 20_000, 20_000, 2_000)
    """Steps in a full scale for DG 0 to 3: 5x9, 4x9, 4x9, 3x9 digits (names A, counts C)."""
    digits_noise: tuple[float, float, float, float] = (1.0, 3.0, 3.0, 10.0)
    """How much noisier DG 0 to 3 are than 5x9 (D)."""
    voltage_noise_V: float = 20e-6
    """Noise of a voltage reading at 5x9, rms (R, D)."""
    voltage_noise_of_reading: float = 10e-6
    """Noise of a voltage reading at 5x9 that grows with it (R, D)."""
    current_noise_of_range: float = 10e-6
    """Noise of a current reading at 5x9 as a fraction of the current range, rms (R, D)."""
    voltage_overload_ratio: float = 1.0
    """A voltage beyond so many full scales reads as an overload (C)."""
    voltage_overload_code: int = 31
    """Error of an overloaded voltage reading (1287 manual p. 87, A)."""
    current_overload_code: int = 32
    """Error of an overloaded current reading (not found, D)."""
    off_limit_ratio: float = 1.05
    """How many full scales of the standard resistor (or of IL, with RR0) flow before OL acts (D)."""
    full_standby_code: int = 0
    """Error of a reading that full standby cannot make; it reads zero, and 0 does not report it (D)."""
    compliance_V: float = 30.0
    """Largest voltage between CE and WE (R, D)."""
    reset_s: float = 0.25
    """After BK3 and BK4 what is sent is lost and nothing is answered for this time; a client should wait 0.3 s (C)."""
    self_test_s: float = 3.0
    """After BK1 it is deaf and mute for so long (D)."""
    output_bytes_per_s: float = 1000.0
    """Bytes a second of its talker (taken from the 1250, C)."""
    output_terminator_after_reset: int = 0
    """OT after power-on and reset: 0 CR LF (1287 manual p. 83, A), 1 CR LF + EOI, 2 CR, 3 CR + EOI; one unit sent CR
    alone."""
    standby_after_reset: int = 0
    """BY after power-on and reset: 0 full, 1 half standby (D)."""
    pol_gain_after_reset: int = 1
    """PI after power-on and reset: 1 is x0.01 (C)."""
    bandwidth_scheme_after_reset: int = 0
    """SY after power-on and reset: 0 obeys PB and GB (D)."""
    after_reset: tuple[str, ...] = ()
    """Commands for whatever else BK3, BK4 and power-on leave otherwise than the tables say (`GP2`, any other, D)."""
    front_panel: tuple[str, ...] = ()
    """What hands set before the first program came, as the commands that do the same (as on the 1260, C)."""
    switch_query: bool = False
    """Whether `?PW` is answered with 0 or 1; otherwise it is refused with error 05 (nothing found, D)."""
    ramp_setup_s: float = 10.0
    """A ramp takes so long to set up its integrator, after DL and before its first segment (p. 55: about, A; a program
    that gives up when it reads nothing in 7 s contradicts it, or `readings_during_setup` is true, B)."""
    readings_during_setup: bool = False
    """Whether sweep-synchronised readings (TR3) of a ramp begin with its delay and set-up, not with its first segment
    (C: see `ramp_setup_s`)."""
    delay_at_first_level: bool = False
    """Whether a sweep holds its first level during DL and set-up; otherwise PV or PC stays (D)."""
    sweep_status: tuple[int, int, int, int, int] = (0, 1, 2, 3, 4)
    """What ?ST says: no sweep, delay, set-up, under way, frozen (a client polls it, the meanings are made up, D)."""
    dvm_input_V: float = 0.0
    """What lies at the free input of the DVM (PX11), V; nothing is connected."""
    ohm_per_unit_of_compensation: float = 1.0
    """What IC counts: ohm (D: the unit was not found)."""
    real_part_in_readings: bool = False
    """Whether real-part correction (CC2) acts on dRE readings too and not on V OUT alone (D)."""
    dump_byte_order: str = "big"
    """Byte order of the floats in a dump: big or little (D: the manual's rule for decoding was not found)."""
    v_out_polarity: float = 1.0
    """Sign of the V OUT socket against dRE (not found, C)."""
    i_out_polarity: float = 1.0
    """Sign of the I OUT socket against the current (not found, C)."""
    resistor_pole_Hz: tuple[float, ...] = (4e9, 4e9, 4e9, 4e9, 4e9, 1e7, 1e6, 5e4)
    """Corner of the I OUT path for RR 1 to 8: above 100 kHz RR6 and higher are not to be trusted (K, D)."""
    resistors_ohm: tuple[float, ...] = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6)
    """Standard resistor of RR 1 to 8, each with 0.2 V at full scale (1287 manual p. 39 and two programs, A; one program
    has them the other way round)."""
    lag_s: tuple[float, ...] = NO_ERRORS
    """How much later than V OUT the I OUT path is, RR 1 to 8, besides `resistor_pole_Hz` (spectra of real dummy cells
    show 11 to 60 ns, the analyzer's own channels included, B; 0 is an ideal bench)."""
    lag_shape: str = "delay"
    """Whether `lag_s` is a `delay` or a `pole` of this time constant (the spectra do not tell them apart, C)."""
    output_noise_V: float = 0.0
    """Noise of the drop on the standard resistor at I OUT, V rms at 1 s of integration, falling as 1/sqrt(t) (repeated
    points of real dummy cells: 0.6 to 1.2 uV, B; 0 is an ideal bench)."""
    potentiostat_loop_Hz: tuple[float, ...] = (6e5, 3.6e5, 3e6, 1e6, 24e3, 8e3, 2.4e3, 800.0, 80.0, 8.0)
    """Closed-loop bandwidth for PB 0 to 9 (types A to J, A; where the list says `above`, a guess, D)."""
    galvanostat_loop_Hz: tuple[float, ...] = (150e3, 100e3, 7.5e3)
    """Closed-loop bandwidth for GB 0 to 2 (types A to C, A; the last `above 7.5 kHz`)."""
    galvanostat_drop: float = 1.0
    """Drop on the standard resistor in galvanostat, V a V of the POL input times its gain (no page says so, C)."""
    loop_error: float = 5e-4
    """Error of Z per f/bandwidth of the loop, in quadrature: a loop too slow falsifies Z (D)."""
    filter_pole_Hz: tuple[float, float] = (10.0, 10.2)
    """Corners of the 10 Hz filters (FI1) in the V and I outputs; they differ a little (10 Hz A, spread D)."""
    error_query_clears: bool = False
    """?ER leaves the error standing until CE (C)."""
    lower_case_exponent: bool = False
    """`1e-05` is refused with error 04: no program is known to have tried it (D)."""
    message_available_bit: int = 7
    """Bit of the status byte that says data are ready for the GPIB (1287 manual p. 81, A)."""
    answers_in_status: bool = True
    """Whether the answer to a query counts as data ready in the status byte (not said there, C)."""
    error_upsets_status: bool = False
    """Whether bit 0, an error, leaves no other bit to be seen: it upsets them (1287 manual p. 81, A), how is open
    (C)."""
    device_clear: str = "keeps"
    """What a device clear does besides emptying input and output: `keeps` all as it is (IEEE 488.2), `breaks` off as
    BK0 and PW0 do, or `resets` as BK3 does (nothing found, D)."""

    def __post_init__(self) -> None:
        _require("input_terminator", self.input_terminator, TERMINATORS)
        _require("device_clear", self.device_clear, DEVICE_CLEAR)
        _require("lag_shape", self.lag_shape, LAG_SHAPES)
        for name in ("resistors_ohm", "resistor_pole_Hz", "potentiostat_loop_Hz", "galvanostat_loop_Hz"):
            if not all(value > 0.0 for value in getattr(self, name)):
                raise SettingError(f"interface.{name} is {getattr(self, name)}; it takes values above 0")
        _require("output_terminator_after_reset", self.output_terminator_after_reset, (0, 1, 2, 3))
        _require("dump_byte_order", self.dump_byte_order, BYTE_ORDERS)


class Interface(Protocol):
    """What the electronics of a potentiostat of any make are made with; see `Settings1287` for what each is."""

    @property
    def compliance_V(self) -> float: ...  # noqa: D102
    @property
    def resistors_ohm(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def resistor_pole_Hz(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def lag_s(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def lag_shape(self) -> str: ...  # noqa: D102
    @property
    def off_limit_ratio(self) -> float: ...  # noqa: D102
    @property
    def galvanostat_drop(self) -> float: ...  # noqa: D102
    @property
    def ohm_per_unit_of_compensation(self) -> float: ...  # noqa: D102
    @property
    def potentiostat_loop_Hz(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def galvanostat_loop_Hz(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def loop_error(self) -> float: ...  # noqa: D102
    @property
    def v_out_polarity(self) -> float: ...  # noqa: D102
    @property
    def i_out_polarity(self) -> float: ...  # noqa: D102
    @property
    def output_noise_V(self) -> float: ...  # noqa: D102
    @property
    def filter_pole_Hz(self) -> tuple[float, float]: ...  # noqa: D102
    @property
    def counts(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def digits_noise(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def voltage_noise_V(self) -> float: ...  # noqa: D102
    @property
    def voltage_noise_of_reading(self) -> float: ...  # noqa: D102
    @property
    def current_noise_of_range(self) -> float: ...  # noqa: D102
    @property
    def voltage_overload_ratio(self) -> float: ...  # noqa: D102
    @property
    def voltage_overload_code(self) -> int: ...  # noqa: D102
    @property
    def current_overload_code(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Calibration(Checked):
    """Errors that one bench has for life. Gains are fractions, tuples of eight go by RR 1 to 8.

    What stands here comes on top of what `errors: typical` draws from the seed.
    """

    voltmeter_gain: float = 0.0
    """Gain error of the voltmeter (0 is an ideal bench)."""
    voltmeter_offset_V: float = 0.0
    """Zero of the voltmeter in all ranges, V."""
    voltmeter_zero_V: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    """Zero of the voltmeter by range, RG 1 to 4, V, besides."""
    voltage_source_gain: float = 0.0
    """Gain error of the potentiostat."""
    voltage_source_offset_V: float = 0.0
    """Zero of the potentiostat, V."""
    ammeter_gain: tuple[float, ...] = NO_ERRORS
    """Gain error of the ammeter besides that of the standard resistor."""
    ammeter_offset: tuple[float, ...] = NO_ERRORS
    """Zero of the ammeter, fraction of the range."""
    ammeter_linearity: tuple[float, ...] = NO_ERRORS
    """How far the ammeter is off the straight line at half of full scale, fraction of the range."""
    current_source_gain: tuple[float, ...] = NO_ERRORS
    """Gain error of the galvanostat besides that of the standard resistor."""
    current_source_offset: tuple[float, ...] = NO_ERRORS
    """Zero of the galvanostat, fraction of the range."""
    resistor_error: tuple[float, ...] = NO_ERRORS
    """How much larger each standard resistor is than its name: a current makes so much more of V at I OUT and in the
    ammeter, and the galvanostat drives so much less."""
    pol_gain_error: tuple[float, float] = (0.0, 0.0)
    """Gain error from the POL input to the cell, PI0 and PI1."""
    v_out_gain_error: tuple[float, float] = (0.0, 0.0)
    """Gain error of V OUT, VX0 and VX1."""
    i_out_gain_error: tuple[float, float] = (0.0, 0.0)
    """Gain error of I OUT besides that of the standard resistor, IX0 and IX1."""

    def __post_init__(self) -> None:
        for name in ("resistor_error", "pol_gain_error", "v_out_gain_error", "i_out_gain_error"):
            if not all(value > -1.0 for value in getattr(self, name)):
                raise SettingError(
                    f"calibration.{name} is {getattr(self, name)}; it takes fractions above -1"
                )


@dataclass(frozen=True, slots=True)
class LeadSettings(Checked):
    """The leads up to the cell: inductance in series, then capacitance and leakage across."""

    inductance_H: float = 0.0
    """Inductance in series with what is clamped (spectra of real dummy cells: 1.7 to 3 uH, B; 0 is an ideal bench)."""
    capacitance_F: float = 0.0
    """Capacitance across what is clamped (tens of pF, K; 0 is an ideal bench)."""
    leakage_S: float = 0.0
    """Conductance across what is clamped: what open leads still carry (below 1 nS, K; 0 is an ideal bench)."""

    def __post_init__(self) -> None:
        for name in ("inductance_H", "capacitance_F", "leakage_S"):
            if not getattr(self, name) >= 0.0:
                raise SettingError(f"leads.{name} is {getattr(self, name):g}; it takes 0 or more")


POTENTIOSTATS = {"solartron": "1287", "ec301": "EC301", "keithley": "2400"}
"""What holds the cell, by the make of the bench."""
_NAMES = {"1260": "analyzer", **dict.fromkeys(POTENTIOSTATS.values(), "interface")}
_OTHER_MAKES = frozenset(POTENTIOSTATS.values()) - {"1287"}
_ADDRESS = re.compile(r"(?:GPIB(\d?)::)?(\d{1,2})(?:::INSTR)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Addresses(Checked):
    """Where the instruments are, under their own names in a file: `{"1260": GPIB1::8, "1287": 2}`.

    A board's number and the primary address, an even one from 2 to 28 (1260 manual p. 136); that of another make may
    be odd.
    """

    analyzer: str = "GPIB0::4::INSTR"
    """The 1260; 2, 4, 8 and 12 were seen in programs."""
    interface: str = "GPIB0::6::INSTR"
    """The 1287; 2, 4 and 6 were seen in programs."""

    def __post_init__(self) -> None:
        if self.analyzer == self.interface:
            raise SettingError(
                f"addresses has both instruments at {self.analyzer}; each takes one of its own"
            )

    @classmethod
    def from_mapping(cls, given: Mapping[str, Value | Checked], where: str = "") -> Addresses:
        """Take addresses as people write them: 8, GPIB1::8, gpib1::8::INSTR."""
        found = {}
        for key, value in given.items():
            match = _ADDRESS.fullmatch(str(value).strip())
            is_even = str(key) not in _OTHER_MAKES
            if match is None or int(match[2]) not in (range(2, 29, 2) if is_even else range(1, 31)):
                takes = "an even address from 2 to 28" if is_even else "an address from 1 to 30"
                raise SettingError(f"{where}{key} is {value!r}; it takes {takes}, as in 8 or GPIB1::8::INSTR")
            name = _NAMES.get(str(key), str(key))
            found[name] = f"GPIB{match[1] or 0}::{int(match[2])}::INSTR"
        return super(Addresses, cls).from_mapping(found, where)

    def by_name(self, make: str = "solartron") -> dict[str, str]:
        """Get the addresses by the names of the instruments of a make."""
        return {"1260": self.analyzer, POTENTIOSTATS[make]: self.interface}


@dataclass(frozen=True, slots=True)
class BenchSettings(Checked):
    """The simulated bench as a whole."""

    unit: str = IDEAL
    """Which specimen of the instruments it is: `ideal`, `typical`, or a number, from which one is drawn; settings that
    are given beside it win."""
    make: str = "solartron"
    """What holds the cell: `solartron` the 1287, `ec301` the SRS EC301, `keithley` a Keithley 2400."""
    latency_s: float = 1e-3
    """Time that each write and each read takes on the bus before anything acts."""
    addresses: Addresses = field(default_factory=Addresses)
    """Where the instruments are on the bus."""
    wiring: str = "pair"
    """`pair`: the cell on the 1287, whose outputs the 1260 measures. `analyzer_alone`: the cell between the 1260's
    generator and its I input, V1 across it, and of the 1287 only RE1 and RE2, which sense it."""
    positive_terminal: str = "we_re2"
    """Where the cell's positive terminal is clamped: `ce_re1` or `we_re2`; with the analyzer alone these are the
    generator's and the I input's side."""
    dre_sign: float = 1.0
    """dRE is +1 x (RE1 - RE2) or -1 x it (C)."""
    errors: str = "typical"
    """Gain and offset errors of meters and sources: `none` or `typical` (fixed by the seed)."""
    gain_error: float = 1e-3
    """Largest gain error of a typical bench (0.1 to 0.2 % in the maker's class, R, D)."""
    current_offset_of_range: float | None = None
    """Offset of every current reading as a fraction of range; None draws it (up to 0.01 %) when typical."""
    voltage_offset_V: float = 50e-6
    """Largest offset of voltmeter and voltage source of a typical bench (D)."""
    ac_transient: bool = False
    """Whether a cell's response to another sine settles as its impedance says (physics, K); otherwise it is steady at
    once, as on an ideal bench."""
    noise_scale: float = 1.0
    """Factor on all noise; 0 makes a silent bench."""
    calibration: Calibration = field(default_factory=Calibration)
    """Errors for life."""
    leads: LeadSettings = field(default_factory=LeadSettings)
    """The leads of the 1287 up to the cell."""
    analyzer_leads: LeadSettings = field(default_factory=LeadSettings)
    """The leads of the 1260 up to a sample of its own."""
    analyzer: Settings1260 = field(default_factory=Settings1260)
    """The 1260."""
    interface: Settings1287 = field(default_factory=Settings1287)
    """The 1287."""
    ec301: SettingsEc301 = field(default_factory=SettingsEc301)
    """The EC301."""
    keithley: Settings2400 = field(default_factory=Settings2400)
    """The Keithley 2400."""

    def __post_init__(self) -> None:
        _require("positive_terminal", self.positive_terminal, POSITIVE_TERMINALS)
        _require("errors", self.errors, ERROR_MODES)
        _require("make", self.make, tuple(POTENTIOSTATS))
        _require("wiring", self.wiring, WIRINGS)
        _require("dre_sign", self.dre_sign, (1.0, -1.0))
        if not 0.0 <= self.latency_s <= LONGEST_LATENCY_S:
            raise SettingError(f"latency_s is {self.latency_s:g}; it takes 0 to {LONGEST_LATENCY_S:g} s")
