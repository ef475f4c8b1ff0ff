"""What the contracts of import-linter do not say: no circle of files, and no folder in which a file cannot be found."""

from __future__ import annotations

from collections import Counter

import grimp
import pytest

from tests.modules import MODULES, ROOT

FULLEST_FOLDER = 20


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    """By module, the modules of ours that it imports, wherever in the file."""
    graph = grimp.build_graph("solbench", "pyvisa_solbench", cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def circle(imports: dict[str, set[str]]) -> list[str]:
    """The modules on a way that leads back: what is left when those at its beginnings and ends are taken away."""
    left = {name: set(targets) for name, targets in imports.items()}
    while True:
        imported = set().union(*left.values())
        ends = {name for name, targets in left.items() if not targets & left.keys() or name not in imported}
        if not ends:
            return sorted(left)
        left = {name: targets - ends for name, targets in left.items() if name not in ends}


def test_no_circle_of_files(imports: dict[str, set[str]]) -> None:
    assert len(imports) > 300
    assert circle(imports) == []


def test_a_circle_would_be_found() -> None:
    chain = {"a": {"b"}, "b": {"c"}, "c": set[str]()}
    assert circle(chain) == []
    assert circle(chain | {"c": {"b"}}) == ["b", "c"]


def test_no_folder_holds_too_many_files() -> None:
    files = Counter(path.parent.relative_to(ROOT).as_posix() for path in MODULES.values())
    assert {folder: count for folder, count in files.items() if count > FULLEST_FOLDER} == {}
