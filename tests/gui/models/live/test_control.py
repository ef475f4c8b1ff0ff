"""What is asked for from the window reaches the run that is meant, and no other."""

from types import SimpleNamespace

import pytest

from solbench.acquisition.control.messages import SpectrumRequest
from solbench.gui.models.context import Context
from solbench.gui.models.live import control
from solbench.gui.models.live.control import Control
from tests.gui.engines import engine


@pytest.mark.long
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


@pytest.fixture
def stopped(context: Context, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs that were ended; the engines are made up."""
    ended: list[str] = []
    monkeypatch.setattr(Control, "_stop", lambda _self, entry: ended.append(entry.run))
    return ended


def entry(run: str):
    return SimpleNamespace(run=run, path=f"/{run}.h5", protocol="tiny", cell=run, alive=True)


def test_stop_ends_what_is_named_and_nothing_that_began_since(context, stopped, monkeypatch):
    live = [entry("a")]
    monkeypatch.setattr(control, "live_entries", lambda: live)
    context.live.set(tuple(live))
    live[:] = [entry("b")]  # the queue has started the next one
    Control(context).stop()
    assert stopped == []
    assert context.message.value == "stop: tiny on a had ended already"
    live[:] = [entry("b"), entry("a")]  # resumed, in another process
    Control(context).stop()
    assert stopped == ["a"]


def test_stop_that_names_nothing_ends_whatever_is_live(context, stopped, monkeypatch):
    monkeypatch.setattr(control, "live_entries", lambda: [entry("a"), entry("b")])
    Control(context).stop()
    assert stopped == ["a", "b"]


@pytest.mark.parametrize(("end", "words"), [(None, "tiny on a"), (object(), "tiny on b")])
def test_stop_names_no_run_that_has_ended_though_its_engine_still_computes(context, end, words):
    context.live.set((entry("a"), entry("b")))
    context.run.set(SimpleNamespace(path="/a.h5", end=end))
    assert Control(context).stopped_words == words


def test_make_safe_beside_a_recorded_run_is_for_the_live_ones(context, monkeypatch):
    safe: list[str] = []
    monkeypatch.setattr(Control, "_make_safe_of", lambda _self, entry: safe.append(entry.run))
    context.live.set((entry("a"),))
    source = SimpleNamespace(kind="replay")
    context.run.set(SimpleNamespace(source=source, engine_gone=False, plan=None, path="/old.h5"))
    Control(context).make_safe()
    assert safe == ["a"]
    context.run.set(None)
