"""Numbers as people read them: SI prefix, a fixed number of digits, so that they do not dance."""

import math
from datetime import datetime, timedelta

from solbench.gui.models.common.words import day, month, tr

_PREFIXES = {-4: "p", -3: "n", -2: "µ", -1: "m", 0: "", 1: "k", 2: "M", 3: "G"}


def with_prefix(value: float | None, unit: str, digits: int = 5, floor: float = 0.0) -> str:
    """Write a value with an SI prefix: "126.00 µA". Magnitudes below `floor` keep the floor's prefix.

    >>> with_prefix(-125.6e-6, "A"), with_prefix(None, "V"), with_prefix(0.0, "A", floor=1e-6)
    ('-125.60 µA', '– V', '0.0000 µA')
    """
    if value is None or not math.isfinite(value):
        return f"– {unit}"
    value = float(f"{value:.{digits - 1}e}")  # rounded first: 999.999 Ω are 1.0000 kΩ
    size = max(abs(value), floor)
    power = 0 if size == 0.0 else min(max(math.floor(math.log10(size) / 3 + 1e-12), -4), 3)
    scaled = value / 1000.0**power
    before = 1 if abs(scaled) < 1 else math.floor(math.log10(abs(scaled))) + 1
    return f"{scaled:.{max(digits - before, 0)}f} {_PREFIXES[power]}{unit}"


def elapsed(seconds: float) -> str:
    """Write an elapsed time: "04:12:07", from a day on "3 d 04:12".

    >>> elapsed(15127), elapsed(274320)
    ('04:12:07', '3 d 04:12')
    """
    whole = int(max(seconds, 0.0))
    days, rest = divmod(whole, 86400)
    hours, minutes = divmod(rest // 60, 60)
    return f"{days} d {hours:02d}:{minutes:02d}" if days else f"{hours:02d}:{minutes:02d}:{rest % 60:02d}"


def speed_words(speed: float | None) -> str:
    """Write how many seconds of a run pass in one second; None and infinity: as many as the computer can.

    >>> speed_words(1.0), speed_words(3600.0), speed_words(None)
    ('in real time', '3600 times as fast', 'as fast as possible')
    """
    if speed is None or math.isinf(speed):
        return tr("as fast as possible")
    return tr("in real time") if speed == 1.0 else tr("{speed:g} times as fast", speed=speed)


def clock(begun: datetime, seconds: float, spacing_s: float = 1.0) -> str:
    """Write the time of day some seconds after a beginning, as finely as marks `spacing_s` apart need.

    >>> begun = datetime(2026, 3, 2, 22, 30)
    >>> clock(begun, 90.0), clock(begun, 7200.0, 600.0), clock(begun, 86400.0, 86400.0)
    ('Mon 22:31:30', 'Tue 00:30', '3 Mar')
    """
    moment = begun + timedelta(seconds=seconds + 0.5)  # what is written is cut off, not rounded
    if spacing_s >= 86400.0:
        return f"{moment.day} {month(moment)}"
    return f"{day(moment)} {moment:%H:%M}" if spacing_s >= 60.0 else f"{day(moment)} {moment:%H:%M:%S}"


def frequency(value_Hz: float) -> str:
    """Write a frequency for a mark: "10 mHz", "1 Hz", "100 kHz".

    >>> frequency(1e-2), frequency(31.6), frequency(1e6)
    ('10 mHz', '31.6 Hz', '1 MHz')
    """
    power = min(max(math.floor(math.log10(value_Hz) / 3 + 1e-9), -4), 3)
    return f"{value_Hz / 1000.0**power:.3g} {_PREFIXES[power]}Hz"
