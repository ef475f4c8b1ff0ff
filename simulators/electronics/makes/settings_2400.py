"""What is not known for certain about the Keithley 2400, as named settings of the simulated bench.

Grades as in `electronics.settings`: A manual or several independent programs, B one program, C inference, D guess or
recollection, K general knowledge. Times in seconds. A 2450 whose command set is SCPI 2400 is the same to programs.
"""

from __future__ import annotations

from dataclasses import dataclass

from solbench.simulators.electronics.checked import Checked, require

OFF_STATES = ("NORM", "HIMP", "ZERO", "GUAR")


@dataclass(frozen=True, slots=True)
class Settings2400(Checked):
    """The Keithley 2400. Ranges from 1 A to 1 uA, counted from 1."""

    identity: str = "KEITHLEY INSTRUMENTS INC.,MODEL 2400,1234567,C30 Mar 17 2006 09:29:29/A02 /K/J"
    """Reply to *IDN?; that of a 2450 has MODEL 2450 (B)."""
    off_state: str = "NORM"
    """What the output is while it is off, after power-on and *RST: NORM is 0 V with a small current limit, which
    discharges a cell; HIMP opens the relay (A)."""
    off_state_of_each_source: bool = False
    """Whether an off state belongs to the source that is chosen when it is set, and another source has its own, as
    on a 2450 (its manual, Output-off state, A; whether with SCPI 2400 as well, C)."""
    overflow_reads: float = 9.9e37
    """What a reading beyond its range says: 9.9e37, or 9.91e37 (the manual has both, A)."""
    normal_off_of_range: float = 0.005
    """Current limit of an output that is off in NORM, fraction of the current range (K)."""
    front_panel: tuple[str, ...] = ()
    """What hands set before the first program came, as the commands that do the same."""
    mains_Hz: float = 50.0
    """Of the mains, by which NPLC counts (A)."""
    reading_overhead_s: float = 0.004
    """Time of a reading besides the conversions of voltage and current (D)."""
    conversions: float = 2.0
    """How many conversions of NPLC a reading takes, one of the voltage and one of the current (C)."""
    auto_delay_s: tuple[float, ...] = (0.001, 0.001, 0.001, 0.001, 0.001, 0.002, 0.003)
    """Time from a trigger to the conversions with the automatic delay of the source, by range, 1 A to 1 uA (1 to 3 ms,
    A; by range as the manual of the 2450 has it, C)."""
    zero_drift_V_per_s: float = 1e-8
    """How fast the zero of a voltage goes away where none is taken with each reading (D)."""
    zero_drift_of_range_per_s: float = 1e-7
    """How fast that of a current does, fraction of the range a second (D)."""
    output_bytes_per_s: float = 1e5
    """Bytes a second of its talker (D)."""
    message_available_bit: int = 4
    """Bit of the status byte that says an answer waits (IEEE 488.2, A)."""
    compliance_V: float = 21.0
    """Limit of the voltage while a current is sourced, after *RST (A)."""
    off_limit_ratio: float = 1.05
    """How many full scales a range goes to (A)."""
    resistors_ohm: tuple[float, ...] = (1.0, 10.0, 1e2, 1e3, 1e4, 1e5, 1e6)
    """What stands for the current ranges of 1 A to 1 uA inside, with a volt at full scale (the ranges A)."""
    voltage_noise_V: float = 5e-6
    """Noise of a voltage reading at NPLC 1, rms (D)."""
    voltage_noise_of_reading: float = 2e-6
    """Noise of a voltage reading that grows with it (D)."""
    current_noise_of_range: float = 5e-6
    """Noise of a current reading at NPLC 1, fraction of the range, rms (D)."""
    counts_of_range: int = 200_000
    """Steps in a full scale: 5.5 digits (A)."""
    voltage_overload_ratio: float = 1.05
    """A voltage beyond so many ranges overflows (A)."""
    lag_s: tuple[float, ...] = (0.0,) * 7
    """Nothing: it has no outputs for an analyzer."""
    lag_shape: str = "delay"
    """Nothing: it has no outputs for an analyzer."""
    resistor_pole_Hz: tuple[float, ...] = (4e9,) * 7
    """Nothing: it has no outputs for an analyzer."""
    loops_Hz: tuple[float, ...] = (1e4,)
    """Bandwidth of its loop; nothing that is simulated depends on it (D)."""
    galvanostat_drop: float = 1.0
    """Nothing: it has no external input."""
    loop_error: float = 0.0
    """Nothing: it has no outputs for an analyzer."""
    v_out_polarity: float = 1.0
    """Nothing: it has no outputs for an analyzer."""
    i_out_polarity: float = 1.0
    """Nothing: it has no outputs for an analyzer."""
    output_noise_V: float = 0.0
    """Nothing: it has no outputs for an analyzer."""
    filter_pole_Hz: tuple[float, float] = (10.0, 10.0)
    """Nothing: it has no outputs for an analyzer."""
    ohm_per_unit_of_compensation: float = 1.0
    """Nothing: it compensates nothing."""
    voltage_overload_code: int = 1
    """Inside alone: an overflow of the voltage (C)."""
    current_overload_code: int = 2
    """Inside alone: an overflow of the current (C)."""

    def __post_init__(self) -> None:
        require("keithley.off_state", self.off_state, OFF_STATES)
        require("keithley.mains_Hz", self.mains_Hz, (50.0, 60.0))

    @property
    def counts(self) -> tuple[int, ...]:
        """Get the steps in a full scale, at any NPLC."""
        return (self.counts_of_range,) * 4

    @property
    def digits_noise(self) -> tuple[float, ...]:
        """Get how much noisier a reading is at NPLC 10, 1, 0.1 and 0.01 than at 1."""
        return (0.3, 1.0, 3.0, 10.0)

    @property
    def potentiostat_loop_Hz(self) -> tuple[float, ...]:
        """Get the bandwidth of its loop."""
        return self.loops_Hz

    @property
    def galvanostat_loop_Hz(self) -> tuple[float, ...]:
        """Get the bandwidth of its loop."""
        return self.loops_Hz
