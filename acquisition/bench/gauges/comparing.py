"""A thermometer compared with what is known: ice water, or another sensor beside it. Nothing of the cell is touched.

What is found stands in a file beside the bench file, which every run of the bench takes it from: from then on the
difference is taken off what the sensor shows, and its uncertainty counts in place of the data sheet's.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from solbench.acquisition.bench.gauges.entry import ComparisonEntry, GaugeEntry
from solbench.acquisition.bench.gauges.watched import Nature, Silence, WatchedGauge
from solbench.acquisition.host.platform import write_whole
from solbench.drivers.clock import Clock, sleep
from solbench.protocols import files
from solbench.protocols.errors import BadInput
from solbench.protocols.model import Model, bad_input
from solbench.protocols.quantities.quantity import Quantity

ENDING = ".thermometers.yaml"
ICE_K, ICE_STDERR_K = 273.15, 0.05  # crushed ice of tap water in as much water, stirred
LEAST_READINGS = 10
STEADY_K = 0.2  # more from the first half to the second is no comparison yet
FURTHEST_K = 10.0  # a sensor that is off by more is another one, or elsewhere


class NotCompared(Exception):
    """The comparison says nothing; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a sensor is compared with, in words; its temperature (K) and the standard uncertainty of it (K)."""

    words: str
    temperature_K: float
    stderr_K: float


ICE = Reference("ice water", ICE_K, ICE_STDERR_K)


class ComparisonFile(Model):
    """The comparisons of the thermometers of one bench, by their names."""

    format: Literal["solbench thermometers 1"] = "solbench thermometers 1"
    comparisons: dict[str, ComparisonEntry] = {}


def comparison_path(bench: Path) -> Path:
    """Return where the comparisons of a bench file lie: beside it."""
    return bench.with_suffix(ENDING)


def read_comparisons(path: Path) -> dict[str, ComparisonEntry]:
    """Return what stands in a file of comparisons, nothing where there is none; raises BadInput."""
    if not path.exists():
        return {}
    data = files.parse_text(files.read_text(path, str(path)), str(path))
    try:
        return ComparisonFile.model_validate(data).comparisons
    except ValidationError as error:
        raise bad_input(error, data, str(path)) from None


def write_comparison(path: Path, name: str, found: ComparisonEntry) -> None:
    """Put a comparison into the file; those of other sensors stay. Raises BadInput, OSError."""
    kept = {**read_comparisons(path), name: found}
    text = files.dump_text(ComparisonFile(comparisons=kept).model_dump(mode="json", by_alias=True))
    write_whole(path, text)


def with_comparisons(
    gauges: Sequence[GaugeEntry], found: dict[str, ComparisonEntry], file: str
) -> tuple[GaugeEntry, ...]:
    """Return gauges with their comparisons; one that stands in the bench file itself wins.

    Raises BadInput for the comparison of a gauge that `file` does not name: a renamed one would go without.
    """
    for name in found:
        if name not in [gauge.name for gauge in gauges]:
            raise BadInput(
                f"there is no gauge '{name}' on this bench",
                f"Take it out, or write its present name; there are: {', '.join(g.name for g in gauges) or 'none'}",
                file=file,
                field=f"comparisons.{name}",
            )
    return tuple(
        gauge
        if gauge.comparison is not None or gauge.name not in found
        else gauge.model_copy(update={"comparison": found[gauge.name]})
        for gauge in gauges
    )


def compare(
    gauge: WatchedGauge,
    reference: Reference | WatchedGauge,
    clock: Clock,
    lasts_s: float,
    today: date,
    told: Callable[[str], None] = lambda text: None,
) -> ComparisonEntry:
    """Compare a thermometer with a known temperature, or with another one beside it, for `lasts_s` (s).

    The uncertainty is that of the reference, of the mean, of what still drifts, and of one step of the answers.
    Raises NotCompared where it is not steady, far off, silent, or compared with itself; Interrupted.
    """
    other = None if isinstance(reference, Reference) else reference
    if other is gauge:
        raise NotCompared("a sensor cannot be compared with itself. Name another one")
    for one in (gauge, *([other] if other is not None else [])):
        if one.nature.unit != "K":
            raise NotCompared(f"{one.nature.name} shows {one.nature.unit} and is no thermometer")
    shown, there = _read(gauge, other, clock, lasts_s, told)
    own = _mean(gauge.nature, shown)
    if other is None:
        assert isinstance(reference, Reference)
        known = reference
    else:
        there_K, there_stderr_K = _mean(other.nature, there)
        accuracy = other.nature.accuracy or 0.0
        known = Reference(
            f"the sensor '{other.nature.name}'",
            there_K - other.nature.excess,
            math.hypot(there_stderr_K, accuracy),
        )
    if abs(own[0] - known.temperature_K) > FURTHEST_K:
        raise NotCompared(
            f"{gauge.nature.name} shows {own[0] - ICE_K:.2f} degC in {known.words}, which has "
            f"{known.temperature_K - ICE_K:.2f} degC. Put it there, wait until it has taken the temperature, and look "
            f"whether it is this sensor"
        )
    return ComparisonEntry(
        date=today,
        against=known.words,
        shown=_degC(own[0]),
        reference=_degC(known.temperature_K),
        uncertainty=_difference(math.hypot(own[1], known.stderr_K)),
    )


def _read(
    gauge: WatchedGauge,
    other: WatchedGauge | None,
    clock: Clock,
    lasts_s: float,
    told: Callable[[str], None],
) -> tuple[list[float], list[float]]:
    """Return what both show in the time."""
    values: dict[str, list[float]] = {gauge.nature.name: []}
    both = [gauge] if other is None else [gauge, other]
    until_s = clock.now() + lasts_s
    pause_s = min(one.nature.every_s for one in both)
    while clock.now() < until_s:
        for one in both:
            for found in one.collect(between_readings=True):
                if isinstance(found, Silence):
                    raise NotCompared(str(found.error))
                values.setdefault(one.nature.name, []).append(found.value)
                told(f"{one.nature.name}: {found.value - ICE_K:.3f} degC")
        sleep(clock, pause_s)
    return values[gauge.nature.name], values.get(other.nature.name, []) if other is not None else []


def _mean(nature: Nature, values: Sequence[float]) -> tuple[float, float]:
    """Return the mean of what a sensor showed, and its standard uncertainty; raises NotCompared."""
    if len(values) < LEAST_READINGS:
        raise NotCompared(
            f"{nature.name} was read {len(values)} times, and {LEAST_READINGS} are needed. Take longer"
        )
    half = len(values) // 2
    first, second = math.fsum(values[:half]) / half, math.fsum(values[half:]) / (len(values) - half)
    if abs(second - first) > STEADY_K:
        raise NotCompared(
            f"{nature.name} still changes, by {second - first:+.2f} K meanwhile. Wait until it has taken the "
            f"temperature, and stir ice water"
        )
    mean = math.fsum(values) / len(values)
    scatter = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
    step = nature.resolution / math.sqrt(12.0)
    return mean, math.hypot(scatter / math.sqrt(len(values)), abs(second - first) / math.sqrt(12.0), step)


def _degC(kelvin: float) -> Quantity:
    return Quantity(f"{kelvin - ICE_K:.3f} degC", round(kelvin - ICE_K, 3) + ICE_K, "temperature")


def _difference(kelvin: float) -> Quantity:
    rounded = max(round(kelvin, 3), 0.001)
    return Quantity(f"{rounded:g} K", rounded, "temperature")
