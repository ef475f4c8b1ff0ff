"""What a step found and within what it passes, in words, for whoever watches the procedure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from solbench.acquisition.bench.commissioning.record import Gains, Measured, RangeRecord, Step, Values
from solbench.acquisition.commission import cut_out, meters, other_makes, polarity, ranges, signs, standby
from solbench.acquisition.commission.spectra import alone, dummy_cell, lag, leads
from solbench.acquisition.commission.written import in_unit as in_unit


def _percent(share: float) -> str:
    return f"{100.0 * share:g} %"


@dataclass(frozen=True)
class FoundValue:
    """One value with its unit and its standard uncertainty, as text."""

    name: str
    text: str


PASSES: Mapping[Step, str] = {
    "A": "no answer lost or damaged",
    "B": f"{meters.ZERO_V * 1e3:g} mV; {_percent(meters.ZERO_OF_RANGE)} of each range; "
    f"{_percent(meters.OF_READING)} and {meters.AND_V * 1e3:g} mV of the other voltmeter",
    "C": f"held within {standby.HELD_V * 1e3:g} mV, current within {_percent(standby.WITHIN)}; "
    f"then off within {standby.WITHIN_S:g} s",
    "D": f"V/I within {_percent(ranges.WITHIN)} ({_percent(ranges.WITHIN_SMALL)} on RR8) and the part's tolerance",
    "E": f"{signs.PHASE_DEG:g}°, {_percent(signs.WITHIN)}; gains × 10 within {_percent(signs.GAIN_WITHIN)}, "
    f"× 0.01 within {_percent(signs.FINE_WITHIN)}",
    "F": f"{_percent(lag.PASSES)} left after the correction; no lag above {lag.LONGEST_LAG_S * 1e9:g} ns",
    "G": f"short {leads.SHORT_OHM * 1e3:g} mohm, {leads.SHORT_H * 1e6:g} \u00b5H; "
    f"open {leads.OPEN_S * 1e9:g} nS, {leads.OPEN_F * 1e12:g} pF",
    "H": f"both resistances {_percent(dummy_cell.WITHIN)}, Kramers-Kronig {_percent(dummy_cell.KK_WITHIN)}",
    "I": f"open within {cut_out.WITHIN_S:g} s",
    "J": "the voltage falls by 50 to 300 mV, with the sign of positive_terminal",
    "K": f"short {alone.SHORT_OHM:g} ohm, {alone.SHORT_H * 1e6:g} \u00b5H; open {alone.OPEN_S * 1e9:g} nS, "
    f"{alone.OPEN_F * 1e12:g} pF; {_percent(lag.HOLDS)} up to {alone.LEAST_Hz / 1e6:g} MHz",
}
"""Within what each step passes."""

PASSES_OF_OTHERS: Mapping[Step, str] = {
    **PASSES,
    "D": f"V/I within {_percent(ranges.WITHIN)} ({_percent(ranges.WITHIN_SMALL)} where it is below 0.3 V) and the "
    "part's tolerance",
    "E": f"{signs.PHASE_DEG:g}°, {_percent(signs.WITHIN)}",
    "I": f"told as an overload within {other_makes.WITHIN_S:g} s, and limited to {other_makes.MOST:g} of full scale",
}
"""The same of other makes than a 1287."""

COSTS: Mapping[Step, str] = {
    "A": "nothing but dummy cells may then be driven: without it no other step is carried out",
    "B": meters.COST,
    "C": standby.COST,
    "D": ranges.COST,
    "E": signs.COST,
    "F": lag.COST,
    "G": leads.COST,
    "H": dummy_cell.COST,
    "I": cut_out.COST,
    "J": polarity.COST,
    "K": alone.COST,
}
"""What it costs to leave each step out."""


def found_by(step: Step, values: Values) -> tuple[FoundValue, ...]:
    """Return what a step has put into the values of a record, nothing where it was left out.

    >>> found_by("I", Values())
    ()
    """
    return tuple(FoundValue(name, text) for name, text in _TELLS[step](values))


_Pairs = Iterator[tuple[str, str]]


def _measured(name: str, one: Measured | None, unit: str) -> _Pairs:
    if one is not None:
        yield name, in_unit(one, unit)


def _of_ranges(values: Values, what: str, unit: str, get: Callable[[RangeRecord], Measured | None]) -> _Pairs:
    for index, one in sorted(values.ranges.items()):
        yield from _measured(f"{what} of range {index}", get(one), unit)


def _talk(values: Values) -> _Pairs:
    for name, bits in values.status_bits.items():
        yield f"status bits of the {name}", str(bits)
    for name, rate in values.byte_rate_per_s.items():
        yield from _measured(f"byte rate of the {name}", rate, "bytes/s")
    for digits, time in enumerate(values.conversion_s or ()):
        yield from _measured(f"conversion at DG{digits}", time, "s")
    yield from _measured("overhead of a point", values.overhead_s, "s")


def _meters(values: Values) -> _Pairs:
    yield from _measured("zero of the voltmeter", values.zero_V, "V")
    yield from _of_ranges(values, "zero", "A", lambda one: one.zero_A)


def _standby(values: Values) -> _Pairs:
    yield from _measured("time until the cell was off", values.time_to_off_s, "s")


def _ranges(values: Values) -> _Pairs:
    if values.potential_sign is not None:
        yield "sign of the voltage", f"{values.potential_sign:+d}"


def _signs(values: Values) -> _Pairs:
    if values.output_polarity is None:
        return
    turned = values.output_polarity < 0
    yield "polarity of V OUT and I OUT", "opposite" if turned else "the same"
    gains = values.gains
    if gains == Gains():  # other makes have none to be measured
        return
    yield from _measured("gain POL × 0.01", gains.pol_hundredth, "")
    yield from _measured("gain V OUT × 10", gains.voltage_ten, "")
    yield from _measured("gain I OUT × 10", gains.current_ten, "")


def _lag(values: Values) -> _Pairs:
    yield from _of_ranges(values, "lag", "s", lambda one: one.lag_s)
    for index, one in sorted(values.ranges.items()):
        if one.highest_Hz is not None:
            yield (
                f"range {index} is accurate to 1 % and 1° up to",
                in_unit(Measured(value=one.highest_Hz), "Hz"),
            )
    if any(one.lag_s is not None for one in values.ranges.values()):
        yield from _measured("inductance of the leads", values.pair_leads.inductance_H, "H")
        yield from _measured("capacitance of the leads", values.pair_leads.capacitance_F, "F")


def _leads(values: Values) -> _Pairs:
    if not values.contour:
        return
    yield from _measured("resistance of the leads", values.pair_leads.resistance_ohm, "ohm")
    yield from _measured("conductance of open leads", values.pair_leads.conductance_S, "S")


def _dummy(values: Values) -> _Pairs:
    for name, one in values.dummy_cell.items():
        what, _, unit = name.partition("_")
        yield from _measured(f"{what} of the dummy cell", one, unit)


def _cut_out(values: Values) -> _Pairs:
    if values.cut_out is not None:
        if not values.cut_out.error_code:
            yield from _measured("time until the overload was reported", values.cut_out.time_s, "s")
            return
        yield "error code of an overload", str(values.cut_out.error_code)
        yield from _measured("time until the cell was open", values.cut_out.time_s, "s")


def _polarity(values: Values) -> _Pairs:
    if values.positive_terminal is not None:
        leads_there = {"ce_re1": "CE and RE1", "we_re2": "WE and RE2"}[values.positive_terminal]
        yield "on the positive terminal", leads_there


def _alone(values: Values) -> _Pairs:
    found = values.analyzer_leads
    if values.analyzer_highest_Hz is None:
        return
    yield from _measured("inductance of the leads of the 1260", found.inductance_H, "H")
    yield from _measured("capacitance of the leads of the 1260", found.capacitance_F, "F")
    yield (
        "the 1260 alone is accurate to 1 % and 1° up to",
        in_unit(Measured(value=values.analyzer_highest_Hz), "Hz"),
    )


_TELLS: Mapping[Step, Callable[[Values], _Pairs]] = {
    "A": _talk,
    "B": _meters,
    "C": _standby,
    "D": _ranges,
    "E": _signs,
    "F": _lag,
    "G": _leads,
    "H": _dummy,
    "I": _cut_out,
    "J": _polarity,
    "K": _alone,
}
