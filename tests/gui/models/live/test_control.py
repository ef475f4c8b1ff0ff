"""A spectrum asked for from the window reaches the run and comes back as a spectrum of it."""

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.gui.models.live.control import Control
from tests.gui.engines import engine


def test_the_run_on_show_measures_what_is_asked_for(qtbot, window, tmp_path):
    with engine(tmp_path, 15.0):
        qtbot.waitUntil(lambda: window.strip.text("cell") == "cell ON", timeout=60_000)
        run = window.context.run.value
        qtbot.waitUntil(
            lambda: run.segment is not None and run.segment.name == "ConstantCurrent", timeout=60_000
        )
        Control(window.context).spectrum(SpectrumRequest(rest="2 s"))
        qtbot.waitUntil(lambda: any(track.segment < 0 for track in run.spectra.tracks), timeout=60_000)
        assert "a spectrum is measured next" in window.context.message.value
        assert "spectrum requested by the desktop" in window.log.view.toPlainText()


def test_without_a_run_it_says_so(qtbot, window):
    Control(window.context).spectrum()
    assert "not running" in window.context.message.value
