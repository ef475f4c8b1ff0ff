"""The manual: its pages as they lie beside the program, found by words. No Qt."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import solbench

_HERE = Path(solbench.__file__).parent
FOLDER = next(
    (place for place in (_HERE / "manual", _HERE.parents[1] / "docs") if place.is_dir()), _HERE / "manual"
)
"""Beside the program, as a wheel has it; in the repository, the pages themselves."""
HIDDEN = ("index",)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_ENTRY = re.compile(r"\(([a-z0-9-]+)\.md\)")
AROUND = 60


@dataclass(frozen=True)
class Page:
    """One page: the name of its file, its title, its text in Markdown."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Hit:
    """A page that has all words that are looked for, with some of the text around the first."""

    page: Page
    around: str


@cache
def pages() -> tuple[Page, ...]:
    """Return the pages in the order of the index; none where the manual was not installed with the program."""
    index = FOLDER / "index.md"
    if not index.is_file():
        return ()
    names = dict.fromkeys(_ENTRY.findall(index.read_text(encoding="utf-8")))
    files = [path for name in names if (path := FOLDER / f"{name}.md").is_file()]
    return tuple(_page(path) for path in files if path.stem not in HIDDEN)


def page_of(name: str) -> Page | None:
    """Return a page by the name of its file, as a link has it."""
    return next((page for page in pages() if page.name == name.rpartition("/")[2].removesuffix(".md")), None)


def find(words: str) -> list[Hit]:
    """Return the pages that have every word, those first that have one in their title; all for no words."""
    wanted = words.casefold().split()
    found = [
        page for page in pages() if all(word in f"{page.title}\n{page.text}".casefold() for word in wanted)
    ]
    in_title = [page for page in found if any(word in page.title.casefold() for word in wanted)]
    ordered = [*in_title, *(page for page in found if page not in in_title)]
    return [Hit(page, _around(page.text, wanted[0]) if wanted else "") for page in ordered]


def slug(heading: str) -> str:
    """Return what a link to a heading is called.

    >>> slug("Keys, small screens, large letters")
    'keys-small-screens-large-letters'
    """
    return re.sub(r"[^\w\- ]", "", heading.casefold()).strip().replace(" ", "-")


def _page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    title = _TITLE.search(text)
    return Page(path.stem, title[1] if title else path.stem, text)


def _around(text: str, word: str) -> str:
    place = text.casefold().find(word)
    if place < 0:
        return ""
    part = text[max(place - AROUND, 0) : place + AROUND]
    return " ".join(re.sub(r"[#*`|\[\]]", "", part).split())
