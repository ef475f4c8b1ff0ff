"""The pages must not lead to nowhere, and their examples must be taken by the program."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.protocols import load_cell, parse_cell, parse_protocol
from solbench.protocols.check import check
from solbench.simulators.cell import build_cell

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXAMPLES = [
    (page, kind, block)
    for page in PAGES
    for block, kind in re.findall(
        r"^```yaml\n(# a whole (\w+).*?)^```", page.read_text(encoding="utf-8"), re.M | re.S
    )
]
BEGINS_A_BLOCK = re.compile(r"\s*(?:(1[.)]|[-+*]|#{1,6})\s|(>|[-=]+$))")


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_lead_somewhere() -> None:
    dead = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            if "://" in target:
                continue
            name, _, anchor = target.partition("#")
            goal = (page.parent / name).resolve() if name else page
            if not goal.exists() or (anchor and anchor not in _anchors(goal)):
                dead.append(f"{page.relative_to(ROOT)}: {target}")
    assert dead == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    pages = [page for page in (ROOT / "docs").rglob("*.md") if page.name != "index.md"]
    missing = [page.name for page in pages if page.relative_to(ROOT / "docs").as_posix() not in index]
    assert missing == []


def _blocks_inside_paragraphs(text: str) -> list[str]:
    """Return the lines that a reader of Markdown takes for a list, a heading or a quotation amid a paragraph."""
    found: list[str] = []
    begins_with, is_first = "", True
    for line in re.sub(r"^ *```.*?^ *```$", "", text, flags=re.M | re.S).splitlines():
        match = BEGINS_A_BLOCK.match(line)
        mark = (match[1] or match[2]) if match else ""
        if is_first:
            begins_with = "code" if line.startswith("    ") else mark
        elif mark and begins_with not in (mark, "code"):
            found.append(line)
        is_first = not line.strip() or begins_with.startswith("#")
    return found


@pytest.mark.parametrize("mark", ["1. ", "1) ", "- ", "+ ", "* ", "> ", ">", "# ", "## ", "---", "==="])
def test_a_line_that_begins_a_block_is_seen(mark: str) -> None:
    assert _blocks_inside_paragraphs(f"ends with code\n{mark}") == [mark]
    assert _blocks_inside_paragraphs(f"# Title\n{mark}And\n\nthis\n\n```text\na\n{mark}\n```\n") == []


def test_no_line_of_a_paragraph_begins_a_block() -> None:
    found = {page.name: _blocks_inside_paragraphs(page.read_text(encoding="utf-8")) for page in PAGES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_pages_end_with_a_line_and_marks_of_what_is_made_stand_on_their_own() -> None:
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    assert [name for name, text in texts.items() if not text.endswith("\n")] == []
    assert [name for name, text in texts.items() if re.search(r"\S *<!-- |-->.*\S", text)] == []


@pytest.mark.parametrize(
    ("page", "kind", "block"),
    [pytest.param(*example, id=f"{example[0].name}-{n}") for n, example in enumerate(EXAMPLES)],
)
def test_whole_files_are_read(page: Path, kind: str, block: str) -> None:
    """A block that begins with "# a whole protocol" (cell, bench) must be one, and have no error in it."""
    if kind == "protocol":
        findings = check(parse_protocol(block, page.name), load_cell("nbh"))
        assert [finding for finding in findings if finding.grade == "error"] == []
    elif kind == "cell":
        description = parse_cell(block, page.name).build("half").simulated_cell()
        assert build_cell(description).voltage(0.0) > 0.0
    else:
        assert kind == "bench"
        bench = parse_bench(block, page.name)
        assert (bench.positive_terminal is not None) is bool(bench.known_model.signs_of)


def test_there_are_whole_examples_of_each_kind() -> None:
    assert {kind for _, kind, _ in EXAMPLES} == {"protocol", "cell", "bench"}


def test_tasks_of_windows_are_well_formed() -> None:
    blocks = [
        block
        for page in PAGES
        for block in re.findall(r"^```xml\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    ]
    assert blocks
    for block in blocks:
        assert ElementTree.fromstring(block).tag.endswith("}Task")


def test_python_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The example of the simulators' page opens a bench and asks the analyzer who it is."""
    text = (ROOT / "docs" / "simulators.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```python\n(.*?)^```", text, re.M | re.S)
    exec(compile(block, "simulators.md", "exec"), {})
    identity, truth = capsys.readouterr().out.splitlines()
    assert "1260" in identity
    assert truth == "False 0.0"
