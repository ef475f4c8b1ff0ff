"""What is not known for certain about the instruments, as named settings of the simulated bench.

Grades: A manual page or several independent programs, B one program, C inference, D recollection only,
K general knowledge to be confirmed at commissioning. Everything graded C, D or K stands here and nowhere in
the code.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from solbench.simulators.unchecked import Value

TERMINATORS = ("EOI", "LF", "CR", ";")
POSITIVE_TERMINALS = ("ce_re1", "we_re2")
WIRINGS = ("pair", "analyzer_alone")
BYTE_ORDERS = ("big", "little")
LONGEST_LATENCY_S = 10.0
OUTPUT_MODES = ("off", "all", "fail", "pass", "dump", "dump_all")
VARIABLES = ("frequency", "amplitude", "bias")
ERROR_MODES = ("none", "typical")
WHILE_MEASURING = ("hold", "queue", "ignore", "obey")

SettingsT = TypeVar("SettingsT", bound="Checked")


class SettingError(ValueError):
    """A setting of the simulated bench is unknown or has an impossible value; the text names the cure."""


class Checked:
    """Dataclass of settings that can be made from a plain mapping."""

    @classmethod
    def from_mapping(
        cls: type[SettingsT], given: Mapping[str, Value | Checked], where: str = ""
    ) -> SettingsT:
        """Build the settings from `given`; raises SettingError on an unknown name or a wrong type."""
        fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
        defaults = cls()
        values = {}
        for name, value in given.items():
            path = f"{where}{name}"
            if name not in fields:
                raise SettingError(f"{path} is no setting of the simulated bench; known: {', '.join(fields)}")
            values[name] = _converted(path, value, getattr(defaults, name))
        return cls(**values)


def _converted(path: str, value: Any, default: Any) -> Any:
    if isinstance(default, Checked):
        if isinstance(value, type(default)):
            return value
        if isinstance(value, Mapping):
            return type(default).from_mapping(value, f"{path}.")
        raise SettingError(f"{path} is {value!r}; it takes a group of settings")
    if isinstance(default, tuple):
        return _converted_tuple(path, value, default)
    if default is None:
        return None if value is None else _number(path, value)
    if isinstance(default, bool | str):
        if type(value) is not type(default):
            raise SettingError(f"{path} is {value!r}; it takes a value like {default!r}")
        return value
    return _number(path, value) if isinstance(default, float) else int(_number(path, value))


def _converted_tuple(path: str, value: Any, default: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple) or len(value) != len(default):
        raise SettingError(f"{path} is {value!r}; it takes {len(default)} values")
    return tuple(
        _converted(f"{path}[{i}]", v, d) for i, (v, d) in enumerate(zip(value, default, strict=True))
    )


def _number(path: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingError(f"{path} is {value!r}; it takes a number")
    return float(value)


def _require(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    if value not in allowed:
        raise SettingError(f"{name} is {value!r}; it takes one of {', '.join(map(str, allowed))}")


@dataclass(frozen=True, slots=True)
class Settings1260(Checked):
    """The 1260: what its manual pages leave open. Times in seconds."""

    input_terminator: str = "EOI"
    """Rear switches F1 and F2: EOI, LF, CR or `;` (1260 manual p. 136, A; a unit's own)."""
    identity: str = "SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0"
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
    """Each step of an auto range costs this and one period (D)."""
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

    def __post_init__(self) -> None:
        _require("input_terminator", self.input_terminator, TERMINATORS)
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
    ramp_setup_s: float = 10.0
    """A ramp takes so long to set up its integrator, after DL and before its first segment (p. 55: about, A)."""
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
    potentiostat_loop_Hz: tuple[float, ...] = (6e5, 3.6e5, 3e6, 1e6, 24e3, 8e3, 2.4e3, 800.0, 80.0, 8.0)
    """Closed-loop bandwidth for PB 0 to 9 (types A to J, A; where the list says `above`, a guess, D)."""
    galvanostat_loop_Hz: tuple[float, ...] = (150e3, 100e3, 7.5e3)
    """Closed-loop bandwidth for GB 0 to 2 (types A to C, A; the last `above 7.5 kHz`)."""
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

    def __post_init__(self) -> None:
        _require("input_terminator", self.input_terminator, TERMINATORS)
        _require("output_terminator_after_reset", self.output_terminator_after_reset, (0, 1, 2, 3))
        _require("dump_byte_order", self.dump_byte_order, BYTE_ORDERS)


@dataclass(frozen=True, slots=True)
class BenchSettings(Checked):
    """The simulated bench as a whole."""

    latency_s: float = 1e-3
    """Time that each write and each read takes on the bus before anything acts."""
    wiring: str = "pair"
    """`pair`: the cell on the 1287, whose outputs the 1260 measures. `analyzer_alone`: the cell between the 1260's
    generator and its I input, V1 across it, and nothing on the 1287."""
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
    noise_scale: float = 1.0
    """Factor on all noise; 0 makes a silent bench."""
    analyzer: Settings1260 = field(default_factory=Settings1260)
    """The 1260."""
    interface: Settings1287 = field(default_factory=Settings1287)
    """The 1287."""

    def __post_init__(self) -> None:
        _require("positive_terminal", self.positive_terminal, POSITIVE_TERMINALS)
        _require("errors", self.errors, ERROR_MODES)
        _require("wiring", self.wiring, WIRINGS)
        _require("dre_sign", self.dre_sign, (1.0, -1.0))
        if not 0.0 <= self.latency_s <= LONGEST_LATENCY_S:
            raise SettingError(f"latency_s is {self.latency_s:g}; it takes 0 to {LONGEST_LATENCY_S:g} s")
