import json
import zipfile

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


def test_file_for_support_has_versions_the_doctor_and_the_settings(qtbot, context, tmp_path):
    context.jobs.close()
    context.jobs = FakeJobs()
    about = AboutDialog(None, context)
    qtbot.addWidget(about)
    bench = tmp_path / "bench.yaml"
    bench.write_text("kind: simulated")
    context.bench.set(str(bench))
    about.write(tmp_path / "s.zip")
    assert context.jobs.given == [["doctor", "--json"]]
    context.jobs.finish({"ok": True})
    with zipfile.ZipFile(tmp_path / "s.zip") as bundle:
        assert "Qt" in bundle.read("versions.txt").decode()
        assert json.loads(bundle.read("doctor.txt")) == {"ok": True}
        assert "bench.yaml" in bundle.namelist()
    about.write(tmp_path / "no" / "s.zip")
    context.jobs.finish({"ok": True})
    assert "cannot be written" in about.note.text()
