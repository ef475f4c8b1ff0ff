"""What is not sure about the Keithley 2400, or differs from bench to bench, as named settings.

Grades as in `drivers.solartron.settings`: A manual page, or several independent programs agree; B one program;
C inference; D guess or recollection; K general knowledge.
"""

from dataclasses import dataclass, field

from solbench.drivers.links.link import LinkSettings


@dataclass(frozen=True)
class Settings2400:
    """The 2400 of a bench, or a 2450 whose command set is SCPI 2400.

    `link`: the status bit 4 (16) says that an answer waits (IEEE 488.2, A).
    `identity_contains`: what the answer to `*IDN?` must contain (B). "" accepts everything.
    `four_wires`: whether its sense leads are on the cell; a cell is never measured without them but on purpose.
    `nplc`, `fast_nplc`: periods of the mains in one conversion of a full and of a fast reading (A the command).
    `mains_Hz`: of the country.
    `conversions`: how many conversions a reading takes, one of the voltage and one of the current (C).
    `reading_timeout_s`: longest wait for a reading, besides its conversions (D).
    `compliance_V`: largest voltage while a current is held; the largest at which an open lead may come to be.
    `idle_range_A`: range of the current of 0 A at which a cell at rest is read (A the ranges).
    `range_headroom`: the full scale of the chosen range is at least this times the largest current.
    `probe_range`: range for the inrush of a DC polarization that is larger than the first below: 3 is 10 mA.
    `polarization_ranges`: ranges from the inrush to the smallest current of a DC polarization; 7 is 1 uA.
    """

    link: LinkSettings = field(default_factory=lambda: LinkSettings(status_mask=16))
    identity_contains: str = "MODEL 24"
    four_wires: bool = True
    nplc: float = 1.0
    fast_nplc: float = 1.0
    mains_Hz: float = 50.0
    conversions: float = 2.0
    reading_timeout_s: float = 3.0
    compliance_V: float = 10.0
    idle_range_A: float = 1e-6
    range_headroom: float = 1.0
    probe_range: int = 3
    polarization_ranges: tuple[int, ...] = (4, 5, 6, 7)
