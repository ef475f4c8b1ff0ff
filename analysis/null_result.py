"""What a growth that is not there shows, and what it does not."""

from collections.abc import Iterator

_COVERAGE = 1.96
_SEEN = 2.5  # standard errors from which on something has grown


def null_words(
    growth_ohm: float, stderr_ohm: float | None, lost_mAh_cm2: float | None, lost_share: float | None
) -> Iterator[str]:
    """Yield what to say where a growth (ohm) is not distinguishable from none; nothing where it is.

    `lost_mAh_cm2` and `lost_share`: the sodium that has not come back, None where it is not known.

    >>> [text] = null_words(0.1, 0.5, 0.231, 0.165)
    >>> "beyond 1.1 ohm. This does not" in text, text.endswith("not returned: 0.231 mAh/cm2 (16.5 %)")
    (True, True)
    """
    if stderr_ohm is None or abs(growth_ohm) >= _SEEN * stderr_ohm:
        return
    most = f"{max(growth_ohm, 0.0) + _COVERAGE * stderr_ohm:.2g} ohm"
    lost = ""
    if lost_mAh_cm2 is not None and lost_share is not None:
        lost = f"; sodium not returned: {lost_mAh_cm2:.3f} mAh/cm2 ({100.0 * lost_share:.1f} %)"
    yield (
        f"No growth of the summed interfacial resistance of both electrodes beyond {most}. "
        f"This does not show a stable interface{lost}"
    )
