import re

from solbench.gui.models.common.manual_pages import FOLDER, find, page_of, pages, slug
from solbench.gui.window.help_window import HELP_OF


def test_every_page_of_the_index_is_there_with_its_title() -> None:
    named = set(re.findall(r"\(([a-z0-9-]+)\.md\)", (FOLDER / "index.md").read_text()))
    assert {page.name for page in pages()} == named
    assert all(page.title and page.title in page.text for page in pages())


def test_every_word_is_looked_for_and_titles_come_first() -> None:
    hits = find("thermometers")
    assert hits[0].page.name == "thermometers"
    assert [hit.page.name for hit in find("zzzqqq")] == []
    both = {hit.page.name for hit in find("kramers positive")}
    assert both == {hit.page.name for hit in find("kramers")} & {hit.page.name for hit in find("positive")}
    assert all("kramers" in hit.around.casefold() for hit in find("kramers"))


def test_links_within_the_manual_lead_somewhere() -> None:
    assert page_of("../docs/desktop.md") is page_of("desktop")
    headings = {
        slug(line.lstrip("# ")) for line in page_of("desktop").text.splitlines() if line.startswith("#")
    }
    assert set(HELP_OF.values()) <= headings
