"""What is not known for certain about the EC301, as named settings of the simulated bench.

Grades as in `electronics.settings`: A manual or several independent programs, B one program, C inference, D guess or
recollection, K general knowledge. Times in seconds, frequencies in hertz.
"""

from __future__ import annotations

from dataclasses import dataclass

from solbench.simulators.electronics.checked import Checked, SettingError, require

OUTPUTS = ("rear", "front")
UNREAD = ("blocks", "queues")
TWO_FILTERS = (10.0, 10.2)


@dataclass(frozen=True, slots=True)
class SettingsEc301(Checked):
    """The SRS EC301. Ranges by `irange` 1 to 10, 1 A to 1 nA, each with 1 V at full scale."""

    identity: str = "Stanford Research Systems,EC301,s/n001234,ver1.12"
    """Reply to *IDN? (the words of a unit, C)."""
    analyzer_at: str = "rear"
    """Which outputs the analyzer is connected to: `rear` (manual, chapter 6, A), or `front`, which alone have bias
    rejection and the 10 Hz filters (A)."""
    unread: str = "blocks"
    """What an answer that nobody read does when another question comes: it `blocks` every answer until IFCCLR or a
    device clear (A that it blocks), or all of them come in turn, `queues` (C)."""
    front_switch: bool = True
    """Whether the switch CELL ENABLE at the front is in; where it is out no cell is connected, and CELLON? says 0 (A,
    B)."""
    front_panel: tuple[str, ...] = ()
    """What hands set before the first program came, as the commands that do the same."""
    conversion_s: float = 4e-6
    """Time of one conversion; a reading averages 2 to the power of AVGEXP of them (B)."""
    reading_overhead_s: float = 0.002
    """Time from VLEVEL? or ILEVEL? to the answer, besides the conversions (D)."""
    reset_s: float = 0.5
    """After *RST nothing is answered for so long (D)."""
    output_bytes_per_s: float = 1e5
    """Bytes a second of its talker (D)."""
    message_available_bit: int = 4
    """Bit of the status byte that says an answer waits (IEEE 488.2, A)."""
    decimals: int = 6
    """Digits behind the point in the answer to VLEVEL? and ILEVEL? (D)."""
    compliance_V: float = 30.0
    """Largest voltage of the counter electrode; CELIMV takes it down to 0.5 V (A)."""
    off_limit_ratio: float = 2.0
    """How many full scales the current goes to before it clips: the same (C)."""
    resistors_ohm: tuple[float, ...] = (1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
    """What makes 1 V at I OUT of the full scale of each IRANGE (A)."""
    loops_Hz: tuple[float, ...] = (1e6, 1e5, 1e4, 1e3, 100.0, 10.0)
    """Closed-loop bandwidth by CLBWTH 0 to 5 (A)."""
    galvanostat_drop: float = 1.0
    """Part of the full scale that 1 V at the external input adds in galvanostat, and V a V in potentiostat (A)."""
    loop_error: float = 5e-4
    """Error of Z per f/bandwidth of the loop, in quadrature (D)."""
    resistor_pole_Hz: tuple[float, ...] = (4e9, 4e9, 4e9, 4e9, 4e9, 1e7, 1e6, 1e5, 1e4, 1e3)
    """Corner of the I output by IRANGE (not found; a range falls with its resistor, K, D)."""
    lag_s: tuple[float, ...] = (0.0,) * 10
    """How much later than the V output the I output is, by IRANGE (nothing found, D; 0 is an ideal bench)."""
    lag_shape: str = "delay"
    """Whether `lag_s` is a `delay` or a `pole` (nothing found, D)."""
    v_out_polarity: float = 1.0
    """Sign of the V output against RE - WE: it is turned there, so that V/I of a resistor is positive (p. 22, A)."""
    i_out_polarity: float = 1.0
    """Sign of the I output against the cathodic current (A)."""
    output_noise_V: float = 0.0
    """Noise of the I output, V rms at 1 s of integration (nothing found, D; 0 is an ideal bench)."""
    filter_pole_Hz: tuple[float, float] = TWO_FILTERS
    """Corners of the 10 Hz filters of the front outputs, E and I (10 Hz A, spread D)."""
    counts_of_range: int = 32768
    """Steps in a full scale of its converters: 16 bits with sign (R, D)."""
    voltage_noise_V: float = 60e-6
    """Noise of one reading of the voltage with AVGEXP 8, rms; it falls with the root of what is averaged (D)."""
    voltage_noise_of_reading: float = 10e-6
    """Noise of a voltage reading that grows with it (D)."""
    current_noise_of_range: float = 3e-5
    """Noise of one reading of the current with AVGEXP 8, fraction of the range, rms (D)."""
    voltage_overload_ratio: float = 1.0
    """A voltage beyond so many ranges of the converter reads as the end of the range (C)."""

    voltage_overload_code: int = 1
    """Inside alone: no reading says that it is an overload (C)."""
    current_overload_code: int = 2
    """Inside alone, as that of the voltage (C)."""
    ohm_per_unit_of_compensation: float = 1.0
    """IR compensation is switched off by what drives cells; what it would count is not simulated (D)."""
    device_clears: bool = True
    """Whether a device clear, too, ends the block of an unread answer (IEEE 488.2, C)."""

    def __post_init__(self) -> None:
        require("ec301.analyzer_at", self.analyzer_at, OUTPUTS)
        require("ec301.unread", self.unread, UNREAD)
        for name in ("resistors_ohm", "resistor_pole_Hz", "loops_Hz"):
            if not all(value > 0.0 for value in getattr(self, name)):
                raise SettingError(f"ec301.{name} is {getattr(self, name)}; it takes values above 0")

    @property
    def counts(self) -> tuple[int, ...]:
        """Get the steps in a full scale by AVGEXP."""
        return (self.counts_of_range,) * 9

    @property
    def digits_noise(self) -> tuple[float, ...]:
        """Get how much noisier a reading is by AVGEXP 0 to 8."""
        return tuple(2.0 ** (0.5 * (8 - exponent)) for exponent in range(9))

    @property
    def potentiostat_loop_Hz(self) -> tuple[float, ...]:
        """Get the bandwidths of the potentiostat by the place of their code."""
        return self.loops_Hz

    @property
    def galvanostat_loop_Hz(self) -> tuple[float, ...]:
        """Get the bandwidths of the galvanostat, which are the same."""
        return self.loops_Hz
