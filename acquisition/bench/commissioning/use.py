"""From a commissioning record to what the drivers take: settings of the instruments, and corrections."""

from collections.abc import Mapping
from typing import Any

from solbench.acquisition.bench.commissioning.record import (
    CommissioningRecord,
    LeadsRecord,
    Measured,
    RangeRecord,
    Values,
)
from solbench.drivers.solartron.corrections import Bound, Corrections, Leads, Null, RangeCorrection
from solbench.protocols.errors import BadInput

UNKNOWN_HIGHEST_Hz = 1e5
"""Spectra are trusted up to here where no lag of the ranges, or no lead of the 1260 alone, is known: 60 ns are 2
degrees there, and 2 uH are an ohm."""
Settings = Mapping[str, Mapping[str, Any]]


def settings_of(record: CommissioningRecord) -> dict[str, dict[str, Any]]:
    """Return the drivers' settings that a record knows, by instrument and section, in SI."""
    values = record.values
    bits = {name: {"link": {"status_mask": mask}} for name, mask in values.status_bits.items()}
    of_1260: dict[str, Any] = {**bits.get("1260", {})}
    of_1287: dict[str, Any] = {**bits.get("1287", {})}
    of_pair: dict[str, Any] = {}
    if values.overhead_s is not None:
        of_1260["overhead_s"] = values.overhead_s.value
    if values.conversion_s is not None:
        of_1287["conversion_s"] = [one.value for one in values.conversion_s]
    if values.potential_sign is not None:
        of_1287["potential_sign"] = values.potential_sign
    if values.output_polarity is not None:
        of_pair["output_polarity"] = values.output_polarity
    found = {**bits, "1260": of_1260, "1287": of_1287, "pair": of_pair}
    if record.holder != "1287":
        del found["1287"]
    return found


def merged(found: Settings, written: Settings) -> dict[str, dict[str, Any]]:
    """Return settings of which those `written` by a user go before those `found` by commissioning."""
    return {name: _merged(found.get(name, {}), written.get(name, {})) for name in {**found, **written}}


def _merged(found: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    both = dict(found)
    for name, value in written.items():
        nested = isinstance(value, Mapping) and isinstance(both.get(name), Mapping)
        both[name] = _merged(both[name], value) if nested else value
    return both


def require_signs(record: CommissioningRecord, written: Settings, file: str) -> None:
    """Raise BadInput where the bench file has another sign than commissioning found: one of them turns the cell.

    `written`: settings of the bench file, by the instrument's name.
    """
    values, of_1287 = record.values, written.get("1287", {})
    signs = (
        ("positive_terminal", of_1287.get("positive_terminal"), values.positive_terminal),
        ("potentiostat_1287.settings.potential_sign", of_1287.get("potential_sign"), values.potential_sign),
        ("pair.output_polarity", written.get("pair", {}).get("output_polarity"), values.output_polarity),
    )
    for field, given, found in signs:
        if given is not None and found is not None and given != found:
            raise BadInput(
                f"the bench file has {given}, and commissioning found {found}",
                "Write what was found, or commission the bench again after the leads were changed",
                file=file,
                field=field,
            )


def corrections_of(record: CommissioningRecord) -> Corrections:
    """Return what a record lets the drivers take off their measurements."""
    return corrections_of_values(record.values)


def corrections_of_values(values: Values) -> Corrections:
    """Return what values that were found let the drivers take off their measurements."""
    return Corrections(
        ranges=tuple(_range(index, one) for index, one in sorted(values.ranges.items())),
        pair=_leads(values.pair_leads),
        alone=_leads(values.analyzer_leads),
        zero_V=_value(values.zero_V, 0.0),
        fine_gain=values.gains.pol_hundredth.value,
        gain_V=values.gains.voltage_ten.value,
        gain_I=values.gains.current_ten.value,
        contour=tuple(Bound(one.frequency_Hz, one.smallest_ohm, one.largest_ohm) for one in values.contour),
        highest_Hz=UNKNOWN_HIGHEST_Hz,
        highest_alone_Hz=values.analyzer_highest_Hz or UNKNOWN_HIGHEST_Hz,
    )


def _range(index: int, found: RangeRecord) -> RangeCorrection:
    share = found.pole_share or Measured(value=0.0)
    return RangeCorrection(
        index,
        lag_s=_value(found.lag_s, 0.0),
        lag_stderr_s=found.lag_s.stderr if found.lag_s is not None else 0.0,
        pole_share=share.value,
        pole_share_stderr=share.stderr,
        covariance_s_H=found.covariance_s_H,
        ratio=_value(found.ratio, 1.0),
        ratio_stderr=found.ratio.stderr if found.ratio is not None else 0.0,
        zero_A=_value(found.zero_A, 0.0),
        highest_Hz=found.highest_Hz or UNKNOWN_HIGHEST_Hz,
    )


def _leads(found: LeadsRecord) -> Leads:
    return Leads(
        found.resistance_ohm.value,
        found.inductance_H.value,
        found.inductance_H.stderr,
        found.capacitance_F.value,
        found.capacitance_F.stderr,
        found.conductance_S.value,
        tuple(Null(one.frequency_Hz, one.real, one.imaginary, one.stderr) for one in found.short),
        tuple(Null(one.frequency_Hz, one.real, one.imaginary, one.stderr) for one in found.open),
    )


def _value(found: Measured | None, default: float) -> float:
    return found.value if found is not None else default
