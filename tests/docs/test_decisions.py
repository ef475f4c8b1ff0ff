"""Each decision says when it was taken and whether it stands."""

import re
from datetime import date
from pathlib import Path

PAGES = sorted((Path(__file__).parents[2] / "docs" / "decisions").glob("*.md"))
HEAD = re.compile(
    r"# (?P<number>\d+)\. [^\n]+\n\n\* Date: (?P<date>\d{4}-\d{2}-\d{2})\n"
    r"\* Status: (?P<status>accepted|proposed|superseded by \[(?P<by>\d+)\]\((?P<page>[^)]+)\))[^\n]*\n"
)


def head_of(page: Path) -> re.Match[str]:
    head = HEAD.match(page.read_text(encoding="utf-8"))
    assert head is not None, f"{page.name} does not begin with its title, date and status"
    return head


def test_every_decision_has_a_number_a_date_and_a_status() -> None:
    for page in PAGES:
        head = head_of(page)
        assert int(head["number"]) == int(page.name[:4])
        assert date.fromisoformat(head["date"]) >= date(2026, 11, 22), page.name


def test_what_is_superseded_names_its_successor_which_names_it() -> None:
    superseded = [(page, head) for page in PAGES if (head := head_of(page))["by"] is not None]
    assert superseded
    for page, head in superseded:
        successor = page.parent / head["page"]
        assert int(successor.name[:4]) == int(head["by"]) > int(head["number"])
        assert f"supersedes [{int(head['number'])}]({page.name})" in successor.read_text(encoding="utf-8")


def test_numbers_have_no_gap() -> None:
    assert [int(page.name[:4]) for page in PAGES] == list(range(1, len(PAGES) + 1))
