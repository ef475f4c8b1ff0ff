"""What is wrong or doubtful in a protocol for a cell, found before anything is switched on.

A `Rule` is what can be wrong; a `Finding` is a rule that was broken at a field, with the parameters of the case.
Code reads the rule's code and the parameters. Texts are made from them for people, here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Literal

from solbench.protocols.errors import BadInput, FieldError, sentence
from solbench.protocols.files import Fields

Grade = Literal["error", "warning"]
Source = Literal["protocol", "cell"]
Parameter = str | float


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
        return self.rule.cure.format(**self.parameters)

    def __str__(self) -> str:
        return f"{self.grade}: {BadInput(self.message, self.cure, field=self.field)}"

    def as_of_others(self, others: int) -> Finding:
        """Return the same finding, said of so many more values of a series as well."""
        if not others:
            return self
        values = "one more value" if others == 1 else "{others} more values"
        cure = f"{sentence(self.rule.cure)} " if self.rule.cure else ""
        cure += f"The same holds for {values} of the series"
        return Finding(replace(self.rule, cure=cure), self.field, {**self.parameters, "others": others})

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
