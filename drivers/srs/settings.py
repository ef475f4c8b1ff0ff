"""What is not sure about the EC301, or differs from bench to bench, as named settings.

Grades as in `drivers.solartron.settings`: A manual page, or several independent programs agree; B one program;
C inference; D guess or recollection; K general knowledge.
"""

from dataclasses import dataclass, field
from typing import Literal

from solbench.drivers.links.link import LinkSettings
from solbench.drivers.solartron.settings import PairSettings


@dataclass(frozen=True)
class SettingsEc301:
    """The EC301 of a bench.

    `link`: the status bit 4 (16) says that an answer waits (IEEE 488.2, A).
    `positive_terminal`: which leads are on the positive terminal of the cell: `we_re2` the working electrode with its
    sense lead, `ce_re1` counter and reference electrode; converts voltage and current.
    `identity_contains`: what the answer to `*IDN?` must contain (C). "" accepts everything.
    `reset_s`: wait after `*RST` (D).
    `relay_s`: longest wait for the relay to say that it is closed (D).
    `filter_s`: wait after `avgexp`, which one program takes from the manual (B).
    `averaging`: `avgexp` of a reading, 8 = the mean of 256 conversions of 4 us (B).
    `fast_averaging`: the same of a fast reading (B the code, the choice is the bench's).
    `conversion_s`: time of one conversion (B).
    `reading_timeout_s`: longest wait for the answer to one reading (D).
    `voltage_range`: `eadcrg`, 0 = 2 V, 1 = 5 V, 2 = 15 V (A the codes, the choice is the bench's).
    `full_of_range`: a current of more than so many full scales is marked as an overload; the converter may end there
    (C).
    `voltage_filter`, `current_filter`: `eadcfl` and `iadcfl` of the 10 kHz filters before the converters (B).
    `compliance_V`: `celimv`, the largest voltage between the counter and the working electrode, 0.5 to 30 V (A the
    command, the choice is the bench's).
    `bandwidth`: `clbwth`, 0 = 1 MHz, each next a tenth (A the codes, the choice is the bench's).
    `impedance_bandwidth`: the same for spectra (A the codes, the choice is the bench's).
    `slow_bandwidth`: the same for DC polarization, 4 = 100 Hz (A the codes, the choice is the bench's).
    `range_headroom`: the full scale of the chosen range is at least this times the largest current.
    `zero_current_fraction`: of full scale; a smaller current counts as none when the cell must be off.
    """

    link: LinkSettings = field(default_factory=lambda: LinkSettings(status_mask=16))
    positive_terminal: Literal["ce_re1", "we_re2"] = "we_re2"
    identity_contains: str = "EC301"
    reset_s: float = 2.0
    relay_s: float = 0.5
    filter_s: float = 0.03
    averaging: int = 8
    fast_averaging: int = 8
    conversion_s: float = 4e-6
    reading_timeout_s: float = 2.0
    voltage_range: int = 1
    full_of_range: float = 1.99
    voltage_filter: int = 2
    current_filter: int = 2
    compliance_V: float = 10.0
    bandwidth: int = 2
    impedance_bandwidth: int = 0
    slow_bandwidth: int = 4
    range_headroom: float = 1.1
    zero_current_fraction: float = 1e-3


@dataclass(frozen=True)
class PairSettingsEc301(PairSettings):
    """How the 1260 and the EC301 are wired together, and how far they go.

    Wiring: 1260 generator to the external input, V output to V1, I output to V2 (manual, chapter 6, A).
    `output_polarity`: +1, for V/I of a resistor is positive (manual p. 22, A).
    `highest_frequency_Hz`: with an external analyzer (manual, chapter 6, A).
    `frequency_tolerance`: relative difference allowed between the frequency asked for and the echoed one.
    `drop_headroom`: share of the volt at full scale that the AC peak may take; the rest is for DC.
    `input_limit_V`: highest peak at an input of the 1260; its widest range is 3 V rms (A).
    `trim_margin_V`: how far the held voltage may be moved away from the rejected bias (D).
    `largest_impedance_range`: highest `irange` for spectra, 5 = 100 uA; smaller ones get slow (K).
    `probe_range`: `irange` for the first look at an unknown cell, 10 mA.
    `polarization_ranges`: `irange` from the inrush to the smallest current of a DC polarization.
    `galvanostat_drop`: in galvanostat 1 V at the external input is the full scale (A).
    `generator_settle_s`: wait after the AC is switched off before a direct reading (D).
    `outputs`: `rear`, or `front`, where they have bias rejection; which ones the analyzer is connected to.
    `ac_coupled_from_Hz`: from here on both inputs of the analyzer are coupled for AC, so that a held voltage, which the
    rear outputs show, does not fill their range; the corners of both, at about 1 Hz (D), need not be the same.
    `coupling_settle_s`: wait after the coupling was changed, some time constants of that corner (D).
    """

    largest_impedance_range: int = 5
    probe_range: int = 3
    polarization_ranges: tuple[int, ...] = (4, 5, 6, 7, 8, 9)
    outputs: Literal["rear", "front"] = "rear"
    ac_coupled_from_Hz: float = 100.0
    coupling_settle_s: float = 1.0
