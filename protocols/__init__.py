"""What to do: quantities, cell records, steps, plans; knows no instrument."""

from typing import TYPE_CHECKING

from solbench.doors import lazily

if TYPE_CHECKING:
    from solbench.protocols.cells import Build, CellRecord, dump_cell, load_cell, parse_cell, shipped_cells
    from solbench.protocols.check import check, check_bench, measures_alone, takes_spectra
    from solbench.protocols.errors import BadInput
    from solbench.protocols.estimate import Estimate, estimate
    from solbench.protocols.experiments import (
        dc_polarization,
        full_cell,
        half_cell,
        ionic_conductivity,
        symmetric_cell,
    )
    from solbench.protocols.findings import Finding, raise_errors
    from solbench.protocols.limits import SafetyLimits, limits_for
    from solbench.protocols.plan import plan
    from solbench.protocols.protocol import (
        Protocol,
        dump_protocol,
        load_protocol,
        parse_protocol,
        shipped_protocols,
    )
    from solbench.protocols.quantities.durations import format_duration, format_size
    from solbench.protocols.settings import with_settings
else:
    __getattr__ = lazily(__name__)

__all__ = [
    "BadInput",
    "Build",
    "CellRecord",
    "Estimate",
    "Finding",
    "Protocol",
    "SafetyLimits",
    "check",
    "check_bench",
    "dc_polarization",
    "dump_cell",
    "dump_protocol",
    "estimate",
    "format_duration",
    "format_size",
    "full_cell",
    "half_cell",
    "ionic_conductivity",
    "limits_for",
    "load_cell",
    "load_protocol",
    "measures_alone",
    "parse_cell",
    "parse_protocol",
    "plan",
    "raise_errors",
    "shipped_cells",
    "shipped_protocols",
    "symmetric_cell",
    "takes_spectra",
    "with_settings",
]
