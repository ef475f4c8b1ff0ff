"""How long each point of a spectrum takes: the wait before its integration, and the integration, by band."""

from collections.abc import Iterator, Sequence
from typing import Literal

from solbench.protocols.costs import integrated_s
from solbench.protocols.findings import Findings, Rule
from solbench.protocols.kinds.fields import Spectrum
from solbench.protocols.quantities.quantity import Quantity
from solbench.protocols.segments import PointTiming

SHORTEST_INTEGRATION_S, LONGEST_S = 0.01, 1e5  # of the 1260, as of its wait
BELOW = 1e-9  # relative: so near to the edge of a band a point counts as on it, not below
NOISE = 2e-3  # relative, of a point of a 1260
TOO_LONG = Rule(
    "impedance.point_too_long",
    "error",
    "'{text}' at {frequency:.4g} Hz is {seconds:.4g} s, and the 1260 waits and integrates 1e5 s at most",
    "Write fewer cycles, or a higher frequency in 'to'",
)
WITHIN_NOISE = Rule(
    "impedance.within_noise",
    "warning",
    "a point of a 1260 has a noise of 0.1 to 0.2 %: with '{within}' points are repeated that are as good as any",
    "Write at least '0.5 %'",
)
USELESS_BAND = Rule(
    "impedance.band_without_points",
    "warning",
    "no point of the spectrum lies in the band below '{below}'",
    "Write a higher frequency in 'below', or leave the band out",
)

Named = Literal["integration", "settling"]


def timings(spectrum: Spectrum, frequencies_Hz: Sequence[float]) -> tuple[PointTiming, ...]:
    """Return how each point of a spectrum is timed; none where nothing but one integration time is asked for."""
    if spectrum.integration.kind == "time" and spectrum.settling is None and not spectrum.bands:
        return ()
    return tuple(timing(spectrum, frequency_Hz) for frequency_Hz in frequencies_Hz)


def timing(spectrum: Spectrum, frequency_Hz: float) -> PointTiming:
    """Return how a point at a frequency (Hz) is timed."""
    integration = in_seconds(_asked(spectrum, "integration", frequency_Hz), frequency_Hz)
    settling = _asked(spectrum, "settling", frequency_Hz)
    settling_s = in_seconds(settling, frequency_Hz) if settling is not None else 0.0
    return PointTiming(max(integration, SHORTEST_INTEGRATION_S), settling_s)


def in_seconds(asked: Quantity | None, frequency_Hz: float) -> float:
    """Return a time, or a number of cycles at a frequency (Hz), in s; 0 for none."""
    if asked is None:
        return 0.0
    return asked.value / frequency_Hz if asked.kind != "time" else asked.value


def _asked(spectrum: Spectrum, name: Named, frequency_Hz: float) -> Quantity | None:
    """Return what is asked for at a frequency (Hz): of the lowest band that has it, else of the whole spectrum."""
    found: Quantity | None = getattr(spectrum, name)
    edge_Hz = float("inf")
    for band in spectrum.bands or ():
        own: Quantity | None = getattr(band, name)
        if own is not None and frequency_Hz < band.below.value * (1.0 - BELOW) and band.below.value < edge_Hz:
            found, edge_Hz = own, band.below.value
    return found


def check_timing(path: str, spectrum: Spectrum, frequencies_Hz: Sequence[float]) -> Findings:
    """Yield what is wrong or doubtful about the times of the points; `path` is where the spectrum stands."""
    lowest_Hz = min(frequencies_Hz)
    for name in ("integration", "settling"):
        asked = _asked(spectrum, name, lowest_Hz)
        seconds = in_seconds(asked, lowest_Hz)
        if asked is not None and seconds > LONGEST_S:
            yield TOO_LONG.at(f"{path}.{name}", text=asked.text, frequency=lowest_Hz, seconds=seconds)
    if spectrum.settled_within is not None and spectrum.settled_within.value < NOISE:
        yield WITHIN_NOISE.at(f"{path}.settled_within", within=spectrum.settled_within.text)
    for band in spectrum.bands or ():
        if lowest_Hz >= band.below.value * (1.0 - BELOW):
            yield USELESS_BAND.at(f"{path}.bands", below=band.below.text)


def timing_in_words(spectrum: Spectrum) -> str:
    """Describe how the points are timed: "integration 1 s, below 10 Hz 4 cycles after 1 cycle of settling"."""
    return ", ".join(_words(spectrum))


def _words(spectrum: Spectrum) -> Iterator[str]:
    yield f"integration {spectrum.integration}"
    if spectrum.settling is not None:
        yield f"after {spectrum.settling} of settling"
    for band in sorted(spectrum.bands or (), key=lambda one: -one.below.value):
        own = [f"{name} {asked}" for name in ("integration", "settling") if (asked := getattr(band, name))]
        yield f"below {band.below} {' and '.join(own)}"
    if spectrum.settled_within is not None:
        yield f"each point again until two in a row agree within {spectrum.settled_within}"


def driven_s(spectrum: Spectrum, frequencies_Hz: Sequence[float]) -> float:
    """Return how long all points of a spectrum are driven, in s: their waits and whole periods."""
    timed = (timing(spectrum, frequency_Hz) for frequency_Hz in frequencies_Hz)
    return sum(
        one.settling_s + integrated_s(frequency_Hz, one.integration_s)
        for one, frequency_Hz in zip(timed, frequencies_Hz, strict=True)
    )
