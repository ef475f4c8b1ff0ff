"""What the contracts of import-linter do not say: no circle of files, and no folder in which a file cannot be found."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import grimp
import pytest

from tests.modules import MODULES, ROOT

FULLEST_FOLDER = 20
HASTY = re.compile(r"\.\s*(unlink|replace|rename|remove)\b")
PATIENT = "solbench.acquisition.host.platform"  # its `remove` and `move` wait for whoever has the file open
IMPATIENT = {
    "solbench.acquisition.record.final_file": 2,  # for a viewer it waits longer, and a reader tries the next time
    "solbench.acquisition.host.boot_service": 1,  # systemd's, so never on Windows
    "solbench.simulators.server.serial_line": 1,  # of a pseudo-terminal, so never on Windows
}


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


def hasty(text: str) -> Iterator[str]:
    """Get what a module calls that Windows refuses while a scanner or another program has the file open."""
    if not HASTY.search(text):
        return  # to parse it takes longer
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, by_os = node.func.attr, isinstance(node.func.value, ast.Name) and node.func.value.id == "os"
            of_path = len(node.args) == 1 and not node.keywords  # Path.replace, none of a text or of a date
            if (
                name == "unlink"
                or (by_os and name in ("replace", "rename", "remove"))
                or (of_path and name in ("replace", "rename"))
            ):
                yield ast.unparse(node)


def test_a_file_is_removed_and_moved_with_patience() -> None:
    found = {name: list(hasty(path.read_text(encoding="utf-8"))) for name, path in MODULES.items()}
    assert found.pop(PATIENT)
    assert {name: calls for name, calls in found.items() if len(calls) != IMPATIENT.get(name, 0)} == {}


def test_a_hasty_call_would_be_found() -> None:
    text = (
        "os.replace(a, b)\nlambda: p.unlink()\np.rename(q)\ns.replace('a', 'b')\nd.replace(hour=0)\nremove(p)"
    )
    assert list(hasty(text)) == ["os.replace(a, b)", "p.rename(q)", "p.unlink()"]
