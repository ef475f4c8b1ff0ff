"""solbench.1 is what its maker writes now, names every command, and is taken by groff without a word."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from docs import make_man_page as maker

from solbench.cli.main import COMMANDS, SUBCOMMANDS

PAGE = maker.PAGE.read_text(encoding="utf-8")


def test_it_is_up_to_date() -> None:
    assert maker.page() == PAGE, "run: python docs/make_man_page.py"


def test_it_has_a_section_for_each_command() -> None:
    groups = {name.split()[0] for name in SUBCOMMANDS}
    for name in [*(set(COMMANDS) - groups), *SUBCOMMANDS]:
        assert f".SS solbench {maker._escaped(name)} " in PAGE, name


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff on this PC")
def test_groff_warns_of_nothing_and_prints_hyphens_that_can_be_copied() -> None:
    order = ["groff", "-man", "-ww", "-Tutf8", "-P-cbou", "-k", str(maker.PAGE)]
    done = subprocess.run(order, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "--bench BENCH" in done.stdout


def test_what_roff_would_take_for_a_request_is_printed() -> None:
    assert maker._escaped(".cor and C:\\data") == "\\&.cor and C:\\edata"
