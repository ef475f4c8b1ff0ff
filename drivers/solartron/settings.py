"""What is not sure about the instruments, or differs from bench to bench, as named settings.

Each says where it comes from and how sure it is. Grades: A manual page, or several independent programs
agree; B one program; C inference; D guess or recollection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from solbench.drivers.links.link import LinkSettings

Sign = Literal[1, -1]
Family = Literal["1260", "1260A", "1255B"]
HIGHEST_Hz: Mapping[str, float] = {"1260": 32e6, "1260A": 32e6, "1255B": 1e6}
"""Of each of the family (1260 manual, generator, A; 1255B K)."""


@dataclass(frozen=True)
class Settings1260:
    """The 1260 of a bench, or another one of its family.

    `family`: `1260`, `1260A`, or `1255B`, which has no I input and ends at 1 MHz: it measures no sample by itself (K).
    `link`: the status bit 4 (16) says "message available": one program enables it (grade B), IEEE 488.2
    agrees; the manual's own table was not found.
    `service_request_mask`: sent as `*SRE` before measuring, as one program does (B); None sends nothing, for nothing
    waits for the request, and drivers of GPIB cards would poll by themselves and hand out bytes that are old (K).
    `reset_s`: wait after `TT2`; programs wait 2 to 5 s (B).
    `output_separator`, `output_terminator`: `OS0` comma (A), `OT1` CR LF with EOI (A that it is used).
    `input_mode`: `IP n,m` code for a single-ended input; two programs disagree on the meaning of 0 and 1 and
    send the same bytes (B).
    `input_screen`: `OU n,o` code for a floating screen, like `IP` (B).
    `error_query`: the code that reads the last error; certain on the 1287 only (C). "" never asks.
    `identity_contains`: what the answer to `*IDN?` must contain; its wording depends on the firmware (A that
    it differs). "" accepts everything.
    `overhead_s`: time of a point beyond the integration, from one program's run-time estimate (C).
    `periods_below_1_hz`: whole periods that pass before the integration below 1 Hz and before which no result is looked
    for; none by the same estimate, whose 1.0025/f is the period that is integrated (C).
    `autorange_retries`: how often auto range may begin anew within one point, for the time-out only (D).
    `reply_margin_s`: added to every time-out (D).
    """

    family: Family = "1260"
    link: LinkSettings = field(default_factory=lambda: LinkSettings(status_mask=16))
    service_request_mask: int | None = None
    reset_s: float = 5.0
    output_separator: int = 0
    output_terminator: int = 1
    input_mode: int = 0
    input_screen: int = 1
    error_query: str = "?ER"
    identity_contains: str = "1260"
    overhead_s: float = 0.35
    periods_below_1_hz: float = 0.0
    autorange_retries: int = 4
    reply_margin_s: float = 2.0

    @property
    def has_current_input(self) -> bool:
        """Get whether it has an I input and a current generator."""
        return self.family != "1255B"

    @property
    def answer_contains(self) -> str:
        """Get what the answer to `*IDN?` must contain: of the family, where the setting is as it was."""
        return (
            "1255" if self.identity_contains == "1260" and self.family == "1255B" else self.identity_contains
        )


@dataclass(frozen=True)
class Settings1287:
    """The 1287 of a bench.

    `link`: the status bit 7 (128) says that data are ready for the GPIB (1287 manual p. 81, A); whether answers to
    queries count as data is learnt.
    `positive_terminal`: which leads are on the positive terminal of the cell; converts voltage and current.
    To be set on a dry cell of known polarity (a resistor cannot see swapped leads).
    `potential_sign`: +1 if `PV` and dRE are RE1 minus RE2, -1 the other way round (C).
    `reset_s`: wait after `BK3` (D).
    `output_terminator`: `OT` code, 1 = CR LF with EOI (B/C; one unit answered with CR alone). None sends
    nothing.
    `conversion_s`: time of one conversion by `DG` code 0 to 3; the manual's figures were not found (D).
    `fast_digits`: `DG` code of a fast reading. 1 = 4x9 over one period of 50 Hz (2 for 60 Hz mains); 3 = 3x9
    would be faster, but resolves only 10 mV on 20 V and 1 uA on 2 mA (A the codes, the choice is the bench's).
    `reading_timeout_s`: longest wait for a reading; one program waits up to 7 s (B). Once a reading has come, how
    long they take is known, and one that is lost is taken again much earlier.
    `first_reading_wait_s`: time after `PW1` before the first reading; programs wait 1 s and more (B), the
    relays need far less (D).
    `ramp_setup_s`: a ramp sets up its integrator for about so long before it begins (p. 55, A about; D how long); when
    it has begun is seen from the readings.
    `standby`: `BY` code; 1 = half standby, where the cell can be read while it is disconnected (A).
    `potentiostat_bandwidth`, `galvanostat_bandwidth`: `PB` (0 to 9) and `GB` (0 to 2) codes, obeyed with
    `SY0` (B); what suits is a matter of the cells of a bench.
    `impedance_bandwidth`: `GB` code for spectra in galvanostat, 0 = 150 kHz (A the list, the choice is the bench's).
    `slow_bandwidth`: `PB` code for DC polarization, 8 = 80 Hz (A the list, the choice is the bench's).
    `bandwidth_scheme`: `SY` code that makes PB and GB count (B).
    `bias_rejection_negative`: whether `VR` takes negative values: one program says yes, one no (B).
    `range_headroom`: the full scale of the chosen range is at least this times the largest current.
    `zero_current_fraction`: of full scale; a current that differs less from the ammeter's known zero counts as
    none when the cell must be off.
    `largest_zero_fraction`: of full scale; more than this is no offset of an ammeter (0.1 % must be expected, D).
    `zero_current_auto_A`: the same in auto range, where the full scale is not known.
    `overload_codes`: error fields of a reading in words; 31 = voltage DVM (1287 manual p. 87, A). Others were
    not found and are named by number.
    """

    link: LinkSettings = field(default_factory=lambda: LinkSettings(status_mask=128))
    positive_terminal: Literal["ce_re1", "we_re2"] = "we_re2"
    potential_sign: Sign = 1
    reset_s: float = 3.0
    output_terminator: int | None = 1
    conversion_s: tuple[float, float, float, float] = (0.2, 0.02, 0.0167, 0.002)
    fast_digits: int = 1
    reading_timeout_s: float = 7.0
    first_reading_wait_s: float = 0.1
    ramp_setup_s: float = 10.0
    standby: int = 1
    potentiostat_bandwidth: int = 2
    galvanostat_bandwidth: int = 2
    impedance_bandwidth: int = 0
    slow_bandwidth: int = 8
    bandwidth_scheme: int = 0
    bias_rejection_negative: bool = True
    range_headroom: float = 1.1
    zero_current_fraction: float = 1e-3
    largest_zero_fraction: float = 3e-3
    zero_current_auto_A: float = 0.2e-6
    overload_codes: tuple[tuple[int, str], ...] = ((31, "voltage DVM overload"),)


@dataclass(frozen=True)
class StandaloneSettings:
    """The 1260 on a cell of its own, without the 1287.

    Wiring (C, by the names of the inputs; no drawing was found): generator to one end of the sample, I input to
    the other, V1 across it.
    `input_mode`: `IP1,m` code of V1, 1 = differential (B).
    `input_screen`: `OU1,o` code, 1 = floating (B).
    `highest_frequency_Hz`: of the instrument (A).
    `generator_ohm`: resistance of the generator, with which the sample divides its voltage (50 ohm, D).
    `frequency_tolerance`: relative difference allowed between the frequency asked for and the echoed one.
    """

    input_mode: int = 1
    input_screen: int = 1
    highest_frequency_Hz: float = 32e6
    generator_ohm: float = 50.0
    frequency_tolerance: float = 1e-6


@dataclass(frozen=True)
class PairSettings:
    """How the two are wired together, and how far they go.

    Wiring (C, no drawing was found): 1260 generator to POL INPUT, V OUT to V1, I OUT to V2 of the 1260.
    `output_polarity`: +1, or -1 if V OUT and I OUT are turned against each other; to be seen on a known
    resistor (D).
    `highest_frequency_Hz`: above it the 1287 is too slow, and the 1260 measures alone (D).
    `frequency_tolerance`: relative difference allowed between the frequency asked for and the echoed one.
    `drop_headroom`: share of the standard resistor's 200 mV that the AC peak may take; the rest is for DC.
    `input_limit_V`: highest peak at an input of the 1260; its widest range is 3 V rms (A).
    `trim_margin_V`: how far the held voltage may be moved away from the rejected bias (D).
    `largest_impedance_range`: highest `RR` for spectra; from RR6 on the 1287 gets slow above 100 kHz (D).
    `probe_range`: `RR` for the first look at an unknown cell, 20 mA.
    `polarization_ranges`: `RR` from the inrush to the smallest current of a DC polarization.
    `galvanostat_drop`: in galvanostat the standard resistor drops so many volts for each volt at the POL input, times
    its gain; no page says so, and every sweep measures the amplitude before it begins (C).
    `generator_settle_s`: wait after the AC is switched off before a direct reading (D).
    """

    output_polarity: Sign = 1
    highest_frequency_Hz: float = 1e6
    frequency_tolerance: float = 1e-6
    drop_headroom: float = 0.8
    input_limit_V: float = 2.5
    trim_margin_V: float = 0.05
    largest_impedance_range: int = 5
    probe_range: int = 3
    polarization_ranges: tuple[int, ...] = (4, 5, 6, 7, 8)
    galvanostat_drop: float = 1.0
    generator_settle_s: float = 0.02
