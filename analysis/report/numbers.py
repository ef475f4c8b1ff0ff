"""Numbers as they are printed in a report: with their uncertainty, in a prefix that people read."""

import math

MINUS, PLUS_MINUS, DASH, WITHHELD = "\u2212", "\u00a0±\u00a0", "\u2013", "withheld"


def with_error(value: float | None, stderr: float | None, unit: str = "") -> str:
    """Print a value with its standard uncertainty, two digits of which decide how many are shown.

    >>> with_error(9010.28, 7.26, "ohm").replace("\u00a0", " ")
    '9010.3 ± 7.3 ohm'
    >>> with_error(6.27e-05, 1.4e-06).replace("\u00a0", " ")
    '(6.27 ± 0.14)×10⁻⁵'
    """
    if value is None or not math.isfinite(value):
        return DASH
    if stderr is None or not math.isfinite(stderr) or stderr <= 0.0:
        return _unit(plain(value), unit)
    size = max(abs(value), stderr)
    exponent = math.floor(math.log10(size))
    power = exponent if exponent < -2 or exponent > 5 else 0
    decimals = max(0, 1 - math.floor(math.log10(stderr / 10.0**power)))
    shown = [fixed(number / 10.0**power, decimals) for number in (value, stderr)]
    text = shown[0] + PLUS_MINUS + shown[1]
    if power:
        text = f"({text})×10{superscript(power)}"
    elif unit == "%":
        text = f"({text})"
    return _unit(text, unit)


def in_ascii(value: float | None, stderr: float | None, unit: str = "") -> str:
    """Print the same for a terminal or a script, which may have none of these characters.

    >>> in_ascii(-0.005116, 0.0104, "ohm"), in_ascii(6.27e-05, 1.4e-06, "S/cm"), in_ascii(0.99996, 0.00002)
    ('-0.005 +- 0.010 ohm', '(6.27 +- 0.14)e-05 S/cm', '0.999960 +- 0.000020')
    """
    text = with_error(value, stderr, unit).replace(MINUS, "-").replace(DASH, "-")
    text = text.replace(PLUS_MINUS, " +- ").replace("\u00a0", " ").replace("µ", "u")
    mantissa, times, rest = text.partition("×10")
    if not times:
        return text
    power, _, unit = rest.partition(" ")
    number = int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    return f"{mantissa}e{number:+03d}{' ' if unit else ''}{unit}"


def plain(value: float | None, digits: int = 4) -> str:
    """Print a number with so many significant digits, a dash where there is none.

    >>> plain(0.0000012345), plain(-1.5), plain(None)
    ('1.234×10⁻⁶', '−1.5', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, power = text.split("e")
        text = f"{mantissa}×10{superscript(int(power))}"
    return text.replace("-", MINUS)


def fixed(value: float | None, decimals: int) -> str:
    """Print a number with so many decimals, and no sign where they are all zero; a dash where there is none.

    >>> fixed(-0.117, 4), fixed(-0.00003, 4), fixed(None, 1)
    ('−0.1170', '0.0000', '–')
    """
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0.0 else text.replace("-", MINUS)


def percent(value: float | None, digits: int = 2) -> str:
    """Print a fraction in percent with so many decimals.

    >>> percent(0.00123)
    '0.12\\xa0%'
    """
    return DASH if value is None or not math.isfinite(value) else f"{100 * value:.{digits}f}\u00a0%"


def engineering(value: float, unit: str, digits: int = 3) -> str:
    """Print a value with an SI prefix.

    >>> engineering(-1.57e-6, "A"), engineering(1e6, "Hz")
    ('−1.57\\xa0µA', '1\\xa0MHz')
    """
    if value == 0 or not math.isfinite(value):
        return _unit(plain(value), unit)
    power = min(max(math.floor(math.log10(abs(value)) / 3 + 1e-9), -5), 3)
    prefix = {-5: "f", -4: "p", -3: "n", -2: "µ", -1: "m", 0: "", 1: "k", 2: "M", 3: "G"}[power]
    number = float(f"{value / 1000.0**power:.{digits}g}")
    return f"{number:.15g}".replace("-", MINUS) + f"\u00a0{prefix}{unit}"


def duration(seconds: float) -> str:
    """Print a time in the unit that suits it.

    >>> duration(59373.0), duration(48.0)
    ('16.49\\xa0h', '48\\xa0s')
    """
    for unit, size in (("h", 3600.0), ("min", 60.0)):
        if abs(seconds) >= size:
            return f"{seconds / size:.4g}\u00a0{unit}"
    return f"{seconds:.3g}\u00a0s"


def _unit(text: str, unit: str) -> str:
    return f"{text}\u00a0{unit}" if unit else text


def superscript(power: int) -> str:
    """Print an exponent as raised characters."""
    return str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
