"""`solbench new` and `solbench describe` as they are called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from solbench.cli.whole import app
from solbench.protocols import load_protocol
from solbench.protocols.protocol import shipped_protocols


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", shipped_protocols())
def test_a_new_protocol_is_the_shipped_one_with_its_comments_and_is_not_written_twice(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    assert call("new", name, path).exit_code == 0
    assert load_protocol(path) == load_protocol(name)
    assert path.read_text(encoding="utf-8").startswith("#")
    again = call("new", name, path)
    assert again.exit_code == 2
    assert "never overwritten" in again.stderr


def test_what_there_is_not_is_named(tmp_path: Path) -> None:
    for arguments in (("half-sell", tmp_path / "a.yaml"), ("half-cell", tmp_path / "a.txt")):
        refused = call("new", *arguments)
        assert refused.exit_code == 2
        assert "Did you mean 'half-cell'" in refused.stderr or "ends in .yaml" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_protocol_is_described_in_words_and_as_data() -> None:
    told = call("describe", "half-cell", "--cell", "nbh")
    assert told.exit_code == 0
    assert "sodiation: constant current -0.16 mA/cm2 until capacity 95 %" in told.stdout
    plain = json.loads(call("describe", "half-cell", "--cell", "nbh", "--json").stdout)
    assert [step["name"] for step in plain["steps"]] == ["sodiation", "desodiation"]
    assert set(plain) == {"title", "steps", "limits", "takes", "findings", "page", "changes"}


def test_one_with_an_error_is_described_and_leaves_with_it() -> None:
    told = call("describe", "half-cell", "--cell", "nbh", "--set", "steps.sodiation.current=-9 A")
    assert told.exit_code == 2
    assert "error: field steps.sodiation.current" in told.stdout
