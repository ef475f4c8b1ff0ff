import importlib
import json
import pkgutil
from string import Formatter

import pytest

import solbench.protocols
from solbench.protocols import check, load_cell, load_protocol, with_settings
from solbench.protocols.findings import Rule, refusal

MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(solbench.protocols.__path__, "solbench.protocols.")
]
RULES = {rule.code: rule for module in MODULES for rule in vars(module).values() if isinstance(rule, Rule)}


def test_no_two_rules_have_the_same_code() -> None:
    defined = {
        id(rule): rule.code for module in MODULES for rule in vars(module).values() if isinstance(rule, Rule)
    }
    assert len(defined) == len(set(defined.values())) > 20


def test_every_rule_has_a_message_and_a_cure_with_named_parameters() -> None:
    for code, rule in RULES.items():
        names = [
            name
            for text in (rule.message, rule.cure)
            for _, name, _, _ in Formatter().parse(text)
            if name is not None
        ]
        assert all(name.isidentifier() for name in names), code
        assert rule.message, code
        assert rule.cure, code


def test_a_finding_is_read_by_its_code_and_parameters_and_shown_in_its_words() -> None:
    protocol = with_settings(load_protocol("half-cell"), ["steps.sodiation.current=-0.16 A/cm2"])
    found = next(f for f in check(protocol, load_cell("nps")) if f.field == "steps.sodiation.current")
    assert (found.code, found.grade, found.source) == ("current.areal", "error", "protocol")
    assert found.parameters["areal_mA_cm2"] == pytest.approx(160.0)
    assert found.message == "'-0.16 A/cm2' is 160 mA/cm2, far beyond what these cells carry"
    assert found.cure == "Did you mean '-0.16 mA/cm2'?"
    plain = json.loads(json.dumps(found.as_plain()))
    assert [*plain] == ["grade", "field", "message", "cure", "source", "code", "parameters"]
    assert plain["parameters"]["current"] == "-0.16 A/cm2"


def test_texts_of_users_may_hold_braces() -> None:
    found = refusal("name", "'{x}' is no name", "Write {another}", "cell")
    assert (found.message, found.cure, found.source) == ("'{x}' is no name", "Write {another}", "cell")
