import zipfile

from PySide6.QtCore import QUrl

from solbench.gui.window.about import AboutDialog
from solbench.gui.window.help_window import HelpWindow
from tests.gui.models.fakes import until_idle


def test_manual_is_searched_and_its_links_followed(qtbot):
    help_ = HelpWindow(None, lambda: [("F5", "Start run")])
    qtbot.addWidget(help_)
    help_.list.setCurrentRow(0)
    assert "F5" in help_.view.toPlainText()
    qtbot.keyClicks(help_.words, "ice water")
    assert help_.list.count() > 0
    help_.list.setCurrentRow(0)
    assert "ice" in help_.view.toPlainText().casefold()
    help_._follow(QUrl("safety.md"))
    assert help_.view.toPlainText().startswith("Safety")
    help_.show_page("desktop", "fit")
    assert help_.view.textCursor().block().text() == "Fit"


def test_bundle_for_support_is_that_of_the_doctor(qtbot, context, tmp_path):
    about = AboutDialog(None, context)
    qtbot.addWidget(about)
    about.write(tmp_path / "s.zip")
    until_idle(context.jobs)
    assert about.note.text() == f"packed {tmp_path / 's.zip'}"
    with zipfile.ZipFile(tmp_path / "s.zip") as bundle:
        texts = b"".join(bundle.read(name) for name in bundle.namelist())
    assert b"Python" in texts
    assert str(tmp_path).encode() not in texts
    about.write(tmp_path / "no" / "s.zip")
    until_idle(context.jobs)
    assert about.note.text().startswith("✗")
