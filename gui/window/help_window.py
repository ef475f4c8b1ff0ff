"""Help: the manual with a search, the keys of this window, what it is made of."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from solbench.gui.models.common.manual_pages import FOLDER, Page, find, page_of, slug
from solbench.gui.models.common.words import tr
from solbench.gui.screens.parts import stacked

KEYS = "keys"
HELP_OF = {
    "connect": "connecting-a-bench",
    "start": "before-a-start",
    "live": "panels",
    "data": "data",
    "fit": "fit",
    "report": "report",
}
"""The heading of the page Desktop that is about a screen."""
PLOT_KEYS = (
    ("Space", tr("Plot of Live: follow the newest part, or hold the view")),
    ("A", tr("Plot of Live: show the whole run")),
    ("Ctrl+E", tr("Plot: save what is shown")),
    ("Ctrl+C", tr("Plot: copy the values for a spreadsheet")),
    ("Del", tr("Protocol: delete the step")),
)
NAME = Qt.ItemDataRole.UserRole


class HelpWindow(QDialog):
    """A window of its own beside the program; `keys` returns what each key does."""

    def __init__(self, parent: QWidget, keys: Callable[[], Sequence[tuple[str, str]]]) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Manual – Solbench"))
        self.resize(1000, 680)
        self._keys = keys
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("find in the manual"))
        self.words.setClearButtonEnabled(True)
        self.words.setAccessibleName(tr("Find in the manual"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Pages of the manual"))
        self.list.setWordWrap(True)
        self.view = QTextBrowser()
        self.view.setAccessibleName(tr("Page of the manual"))
        self.view.setOpenLinks(False)
        self.view.setSearchPaths([str(FOLDER)])
        parts = QSplitter()
        parts.addWidget(stacked(self.words, self.list))
        parts.addWidget(self.view)
        parts.setSizes([280, 720])
        QVBoxLayout(self).addWidget(parts)
        self.words.textChanged.connect(lambda _text: self._list())
        self.list.currentItemChanged.connect(self._chosen)
        self.view.anchorClicked.connect(self._follow)
        self._list()

    def show_page(self, name: str = "desktop", heading: str = "") -> None:
        """Show a page by the name of its file, at one of its headings; "keys": the keys of this window."""
        page = page_of(name)
        if name == KEYS:
            self.view.setMarkdown(_keys_text(self._keys()))
        elif page is not None:
            self._show(page, heading)
        else:
            self.view.setMarkdown(tr("The manual was not installed with the program."))

    def _list(self) -> None:
        self.list.clear()
        if not self.words.text().strip():
            self._entry(KEYS, tr("Keys of this window"))
        for hit in find(self.words.text()):
            self._entry(hit.page.name, f"{hit.page.title}\n{hit.around}" if hit.around else hit.page.title)

    def _entry(self, name: str, text: str) -> None:
        QListWidgetItem(text, self.list).setData(NAME, name)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is None:
            return
        self.show_page(item.data(NAME))
        words = self.words.text().split()
        if words:
            self.view.find(words[0])

    def _show(self, page: Page, heading: str) -> None:
        self.view.setMarkdown(page.text)
        self.view.moveCursor(QTextCursor.MoveOperation.Start)
        block = self.view.document().begin()
        while heading and block.isValid():
            if block.blockFormat().headingLevel() and slug(block.text()) == heading:
                self.view.setTextCursor(QTextCursor(block))
                break
            block = block.next()

    def _follow(self, url: QUrl) -> None:
        """Follow a link of the manual here, and any other outside."""
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)
        elif page_of(url.path()) is not None:
            self.show_page(url.path(), url.fragment())


def _keys_text(keys: Sequence[tuple[str, str]]) -> str:
    rows = "\n".join(f"| {key} | {what} |" for key, what in keys)
    return tr("# Keys of this window\n\n| Key | What it does |\n|---|---|\n{rows}\n", rows=rows)
