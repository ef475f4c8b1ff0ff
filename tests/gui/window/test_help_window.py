from PySide6.QtCore import QUrl

from solbench.gui.window.about import AboutDialog
from solbench.gui.window.help_window import HelpWindow
from tests.gui.models.fakes import FakeJobs


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
    context.jobs.close()
    context.jobs = FakeJobs()
    about = AboutDialog(None, context)
    qtbot.addWidget(about)
    place = tmp_path / "s.zip"
    place.write_text("of before: the file dialog has asked")
    about.write(place)
    assert not place.exists()
    assert context.jobs.given == [["doctor", "--bundle", str(place), "--yes", "--json", "--anonymous"]]
    context.jobs.finish({})
    assert about.note.text() == f"packed {place}"
    about.anonymous.setChecked(False)
    about.write(place)
    assert "--anonymous" not in context.jobs.given[1]
    context.jobs.finish(None, 2, "there is no such folder")
    assert about.note.text() == "✗ there is no such folder"
