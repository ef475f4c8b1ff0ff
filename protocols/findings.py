"""What is wrong or doubtful in a protocol for a cell, found before anything is switched on.

A `Rule` is what can be wrong; a `Finding` is a rule that was broken at a field, with the parameters of the case.
Code reads the rule's code and the parameters. Texts are made from them for people, here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Literal

from solbench.protocols.errors import BadInput, FieldError, sentence
from solbench.protocols.files import Fields
from solbench.protocols.quantities.quantity import quantity
from solbench.protocols.quantities.units import leading_number

Grade = Literal["error", "warning"]
Source = Literal["protocol", "cell"]
Parameter = str | float
MOST_NAMED = 3  # of the other values of a series
OF_SERIES = {
    "others": "The same holds for {others}",
    "others_otherwise": "The same, with other figures, holds for {others_otherwise}",
    "turned": "'{turned}' turns the sign: the value of the series is written with the other one",
}
"""What a finding says, behind its cure, of the series that gives its value, by the parameter in it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What can be wrong: an error keeps the run from starting, a warning is shown.

    `code` names the rule for ever. `message` and `cure` hold their parameters in braces, as `str.format` takes
    them. `source` is the file in which the field stands.
    """

    code: str
    grade: Grade
    message: str
    cure: str = ""
    source: Source = "protocol"

    def at(self, path: str, **parameters: Parameter) -> Finding:
        """Return the finding that this rule is broken at a field; the parameters are those of its texts."""
        return Finding(self, path, parameters)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; `field` is the path as the user wrote it, in the file that `source` names."""

    rule: Rule
    field: str
    parameters: dict[str, Parameter] = dataclass_field(default_factory=dict)

    @property
    def code(self) -> str:
        """Get the name of the rule that is broken."""
        return self.rule.code

    @property
    def grade(self) -> Grade:
        """Get whether it is an error or a warning."""
        return self.rule.grade

    @property
    def source(self) -> Source:
        """Get the file in which the field stands."""
        return self.rule.source

    @property
    def message(self) -> str:
        """Get what is wrong, for people."""
        return self.rule.message.format(**self.parameters)

    @property
    def cure(self) -> str:
        """Get what to do about it, for people."""
        texts = [self.rule.cure, *(text for name, text in OF_SERIES.items() if name in self.parameters)]
        *before, last = list(filter(None, (text.format(**self.parameters) for text in texts))) or [""]
        return " ".join([*map(sentence, before), last])

    def __str__(self) -> str:
        return f"{self.grade}: {BadInput(self.message, self.cure, field=self.field)}"

    def as_of_others(self, values: Sequence[str], *, is_exact: bool = True) -> Finding:
        """Return the same finding, said of other values of a series as well; with other figures, if not `is_exact`."""
        if not values:
            return self
        *before, last = (f"'{value}'" for value in values[:MOST_NAMED])
        named = f"{', '.join(before)} and {last}" if before else last
        if len(values) > MOST_NAMED:
            named = f"{len(values)} more values of the series, among them {named}"
        name = "others" if is_exact else "others_otherwise"
        return replace(self, parameters={**self.parameters, name: named})

    def as_turned(self, written: str) -> Finding:
        """Return the same finding, said of a value that has the sign of its series turned by a name with a minus."""
        return replace(self, parameters={**self.parameters, "turned": written})

    def typed(self) -> tuple[str, ...]:
        """Return the quantities that its texts show as they were typed."""
        shown = self.rule.message + self.rule.cure
        return tuple(
            value
            for name, value in self.parameters.items()
            if isinstance(value, str) and f"'{{{name}}}'" in shown and _is_quantity(value)
        )

    def words(self) -> tuple[Parameter, ...]:
        """Return what it says beside quantities and figures: "charges", say, which another value may not do."""
        said = [value for value in self.parameters.values() if isinstance(value, str)]
        if self.code == REFUSED.code:
            return tuple(said)
        return tuple(value for value in said if leading_number(value) is None and not _is_quantity(value))

    def as_plain(self) -> Fields:
        """Return what `--json` prints of it."""
        return {
            "grade": self.grade,
            "field": self.field,
            "message": self.message,
            "cure": self.cure,
            "source": self.source,
            "code": self.code,
            "parameters": dict(self.parameters),
        }


Findings = Iterator[Finding]


def once(found: Iterable[tuple[tuple[str, ...], Finding]]) -> Findings:
    """Tell what is said of several values of a series once, with the values.

    `found`: findings, each with the texts of which those that change are the value. What says something else of
    another value is told by itself.
    """
    same: dict[tuple[str, str, tuple[Parameter, ...]], list[tuple[tuple[str, ...], Finding]]] = {}
    for texts, finding in found:
        same.setdefault((finding.code, finding.field, finding.words()), []).append((texts, finding))
    for each in same.values():
        texts, first = each[0]
        others = {_changed(texts, other): finding for other, finding in each if other != texts}
        figures = [_figures(finding) for finding in (first, *others.values())]
        own = {str(finding): finding for other, finding in each if other == texts}
        is_exact = all(other == figures[0] for other in figures)
        yield from (finding.as_of_others(tuple(others), is_exact=is_exact) for finding in own.values())


def _changed(first: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Return the texts that are others than those of the first value."""
    changed = [text for place, text in enumerate(other) if first[place : place + 1] != (text,)]
    return ", ".join(dict.fromkeys(changed))


def _figures(finding: Finding) -> list[Parameter]:
    typed = finding.typed()
    return [value for value in finding.parameters.values() if value not in typed]


def _is_quantity(text: str) -> bool:
    try:
        quantity(text)
    except FieldError:
        return False
    return True


REFUSED = Rule("refused", "error", "{message}", "{cure}")


def refusal(path: str, message: str, cure: str, source: Source = "protocol") -> Finding:
    """Return the finding that a field's own rules refuse what is written there."""
    return replace(REFUSED, source=source).at(path, message=message, cure=cure)


def of_field_error(found: FieldError, path: str) -> Finding:
    """Return the finding that a value lacks something to be converted."""
    return refusal(path, found.message, found.cure)


def raise_errors(findings: Sequence[Finding], protocol_file: str, cell_file: str) -> None:
    """Raise the first error among findings as `BadInput` with its file; the others are named in it."""
    errors = [finding for finding in findings if finding.grade == "error"]
    if not errors:
        return
    first, rest = errors[0], errors[1:]
    others = ", ".join(dict.fromkeys(finding.field for finding in rest if finding.field != first.field))
    cure = f"{sentence(first.cure)} Also to be corrected: {others}" if others else first.cure
    file = protocol_file if first.source == "protocol" else cell_file
    raise BadInput(first.message, cure, file=file, field=first.field)
