"""What a finding says, in the language of the window."""

import sys
from collections.abc import Mapping

from solbench.gui.models.common.words import rule_text
from solbench.protocols.errors import sentence
from solbench.protocols.findings import OF_SERIES, Finding, Rule

_known: dict[str, Rule] = {}


def rules() -> Mapping[str, Rule]:
    """Return every rule by its code, of those rooms of protocols that are loaded by now."""
    rooms = [module for name, module in sys.modules.items() if name.startswith("solbench.protocols")]
    return {each.code: each for room in rooms for each in vars(room).values() if isinstance(each, Rule)}


def told(code: str, message: str, cure: str, parameters: Mapping[str, object]) -> tuple[str, str]:
    """Return what a finding says and its cure in the language of the window; as they are where no rule is known."""
    if code not in _known:  # its room may have been loaded since
        _known.update(rules())
    rule = _known.get(code)
    if rule is None:
        return message, cure
    return rule_text(rule.message, parameters), in_one(
        rule_text(rule.cure, parameters), _of_series(parameters)
    )


def _of_series(parameters: Mapping[str, object]) -> str:
    """Say what is to be known of the series that gives the value, "" for nothing."""
    return in_one(*(rule_text(text, parameters) for name, text in OF_SERIES.items() if name in parameters))


def told_of(finding: Finding) -> tuple[str, str]:
    """Return what a finding says and its cure in the language of the window."""
    return told(finding.code, finding.message, finding.cure, finding.parameters)


def beside(finding: Finding) -> str:
    """Return what a finding says where it was found: what is wrong, and of which values; its cure stands below."""
    return in_one(told_of(finding)[0], _of_series(finding.parameters))


def in_one(*parts: str) -> str:
    """Write what is wrong, and what to do about it, as one text."""
    *before, last = [part for part in parts if part] or [""]
    return " ".join([*map(sentence, before), last.rstrip(".")])
