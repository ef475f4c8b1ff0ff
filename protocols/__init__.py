"""What to do: quantities, cell records, steps, plans; knows no instrument."""

from .cells import Build, CellRecord, dump_cell, load_cell, parse_cell, shipped_cells
from .check import check, measures_alone
from .durations import format_duration, format_size
from .errors import BadInput
from .estimate import Estimate, estimate
from .experiments import dc_polarization, full_cell, half_cell, ionic_conductivity, symmetric_cell
from .findings import Finding, raise_errors
from .limits import SafetyLimits, limits_for
from .plan import plan
from .protocol import Protocol, dump_protocol, load_protocol, parse_protocol, shipped_protocols
from .settings import with_settings

__all__ = [
    "BadInput",
    "Build",
    "CellRecord",
    "Estimate",
    "Finding",
    "Protocol",
    "SafetyLimits",
    "check",
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
    "with_settings",
]
