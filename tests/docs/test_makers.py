"""What writes a page of the documentation says by which command, and that command finds all it imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.modules import ROOT

MAKERS = sorted((ROOT / "docs").glob("make_*.py"))


def _imports(maker: Path) -> set[str]:
    """Return the packages from which a maker imports, by their first names."""
    return {
        node.module.partition(".")[0]
        for node in ast.walk(ast.parse(maker.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module is not None
    }


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.stem)
def test_it_says_the_command_that_runs_it(maker: Path) -> None:
    said = ast.get_docstring(ast.parse(maker.read_text(encoding="utf-8"))) or ""
    # A file run by its path does not see the tests beside docs/; a module run from the root does.
    command = f"python -m docs.{maker.stem}" if "tests" in _imports(maker) else f"python docs/{maker.name}"
    assert command in said


@pytest.mark.parametrize(
    "maker", [maker for maker in MAKERS if "tests" in _imports(maker)], ids=lambda maker: maker.stem
)
def test_one_that_needs_the_tests_finds_them_from_the_root(maker: Path) -> None:
    # Imported as `python -m` does, in another process; not run, for it plays whole tables.
    code = f"import docs.{maker.stem} as maker; print(maker.PAGE.name)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.endswith(".md\n"), done.stderr
