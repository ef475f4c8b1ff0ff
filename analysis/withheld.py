"""Conclusions that are withheld: which, and why. Shown wherever the conclusion itself would be, and exit code 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from solbench.fitting.withheld import Withheld, WithheldCode, in_words

if TYPE_CHECKING:
    from solbench.fitting.joint_fit import StatesResult

Conclusion = Literal["growth", "ionic_conductivity"]
_NAMES: dict[Conclusion, str] = {
    "growth": "growth of the interfacial resistance",
    "ionic_conductivity": "ionic conductivity",
}


@dataclass(frozen=True)
class WithheldConclusion:
    """A conclusion that is not told: the spectrum (its index) that shows why, what was seen there, and the limit.

    `seen` and `limit` as in `solbench.fitting.withheld.Withheld`.
    """

    conclusion: Conclusion
    code: WithheldCode
    spectrum: int
    seen: float | None
    limit: float | None


def words(found: WithheldConclusion) -> str:
    """Return a withheld conclusion as a line for people."""
    why = in_words(Withheld(found.code, 0, found.seen, found.limit), found.spectrum)
    return f"{_NAMES[found.conclusion]} withheld: {why}"


def all_withheld(
    fit: StatesResult,
    numbers: Sequence[int],
    contradicted: Sequence[int],
    *,
    interphase: bool,
    pellet: bool,
    not_commissioned: bool,
) -> tuple[WithheldConclusion, ...]:
    """Return why what the joint fit of the spectra of these numbers would tell is not told.

    That is the growth of a cell with an `interphase`, and the conductivity of a `pellet`; the rest as in
    `growth_withheld`.
    """
    from solbench.fitting.state_fit import undescribed  # what only shows a reason does without

    if interphase:
        return growth_withheld(fit.withheld, numbers, contradicted, not_commissioned=not_commissioned)
    if pellet:
        why = undescribed(fit.states)
        return conductivity_withheld(why, numbers, contradicted, not_commissioned=not_commissioned)
    return ()


def growth_withheld(
    withheld: Sequence[Withheld],
    numbers: Sequence[int],
    contradicted: Sequence[int],
    *,
    not_commissioned: bool = False,
) -> tuple[WithheldConclusion, ...]:
    """Return why the growth over the spectra of these numbers is not told; `withheld` by their joint fit.

    `contradicted`: numbers of spectra that are not those of the cell in the record. `not_commissioned`: the bench is
    not known well enough for any conclusion.
    """
    if len(numbers) < 2:
        return ()
    why = [*withheld, *_contradicted(numbers, contradicted), *_unknown_bench(numbers, not_commissioned)]
    return tuple(_concluded("growth", one, numbers) for one in why)


def conductivity_withheld(
    withheld: Sequence[Withheld],
    numbers: Sequence[int],
    contradicted: Sequence[int],
    *,
    not_commissioned: bool = False,
) -> tuple[WithheldConclusion, ...]:
    """Return why the conductivity from the last of these spectra is not told.

    `withheld`: all spectra that the circuit does not describe, not only the first of them.
    """
    last = len(numbers) - 1
    why = [*withheld, *_contradicted(numbers, contradicted), *_unknown_bench(numbers, not_commissioned)]
    return tuple(_concluded("ionic_conductivity", one, numbers) for one in why if one.state == last)


def _contradicted(numbers: Sequence[int], contradicted: Sequence[int]) -> list[Withheld]:
    return [Withheld("not_the_record", k) for k, number in enumerate(numbers) if number in contradicted]


def _unknown_bench(numbers: Sequence[int], not_commissioned: bool) -> list[Withheld]:
    return [Withheld("not_commissioned", len(numbers) - 1)] if not_commissioned else []


def _concluded(conclusion: Conclusion, why: Withheld, numbers: Sequence[int]) -> WithheldConclusion:
    return WithheldConclusion(conclusion, why.code, numbers[why.state], why.seen, why.limit)
