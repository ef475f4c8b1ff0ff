"""Drafts of several windows stay apart."""

import os
from pathlib import Path

import pytest

from solbench.gui.models.protocol.drafts import draft_path, write_whole

GONE = 2**22 + 1  # no process has such a number


@pytest.fixture
def drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "s").mkdir()
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "s"))
    return tmp_path / "s" / "drafts"


def test_a_draft_is_not_that_of_another_window(drafts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_whole(draft_path("protocol"), "mine", "protocol")
    with monkeypatch.context() as another:
        another.setattr(os, "getpid", os.getppid)
        write_whole(draft_path("protocol"), "theirs", "protocol")
    assert draft_path("protocol").read_text() == "mine"


def test_drafts_of_programs_that_are_gone_go(drafts: Path) -> None:
    left = drafts / str(GONE)
    left.mkdir(parents=True)
    (drafts / "protocol.yaml").write_text("of an earlier version")
    assert draft_path("cell").parent.is_dir()
    assert not left.exists()
    assert (drafts / "protocol.yaml").exists()
