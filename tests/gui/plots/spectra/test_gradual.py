"""Many spectra in one plot: what is drawn is that of a plot made anew, and drawn again only where it has changed."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solbench.acquisition.record.columns import POINT
from solbench.gui.models.run.spectrum import SpectrumTrack
from solbench.gui.palette import DARK, LIGHT
from solbench.gui.plots.saving import save
from solbench.gui.plots.spectra import gradual
from solbench.gui.plots.spectra.bode import BodePlot
from solbench.gui.plots.spectra.gradual import Same
from solbench.gui.plots.spectra.nyquist import NyquistPlot

ACTS = ("begin", "add", "fit", "dark", "light", "fewer", "inductive")


def points(count, ohm):
    made = np.zeros(count, POINT)
    made["frequency_Hz"] = np.logspace(6, 2, count)
    impedance_ohm = 20.0 + ohm / (1 + 1j * made["frequency_Hz"] / 2e4)
    made["real_ohm"], made["imaginary_ohm"] = impedance_ohm.real, impedance_ohm.imag
    return made


def tracks_of(count):
    return [SpectrumTrack(n, 1, n, points=points(6, 30.0 + n)) for n in range(count)]


def curves(plot, qapp):
    """What is drawn, once all is: values, colours and symbols, in order."""
    while plot._curves._due:
        qapp.processEvents()
    plots = [plot.magnitude, plot.phase] if isinstance(plot, BodePlot) else [plot.getPlotItem()]
    items = [item for each in plots for item in each.listDataItems()]
    return [
        (
            *(values.tolist() for values in item.getData()),
            str(item.opts["pen"] and item.opts["pen"].color().name()),
            item.opts["symbol"],
        )
        for item in items
    ]


@pytest.fixture(params=[NyquistPlot, BodePlot])
def kind(request):
    return request.param


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), max_size=10))
def test_after_any_changes_a_plot_shows_what_one_made_anew_shows(kind, qapp, acts):
    plot, tracks, look = kind(LIGHT), [], LIGHT
    for act in acts:
        if act == "begin" or not tracks:
            tracks.append(SpectrumTrack(len(tracks) + 1, 1, len(tracks)))
        elif act == "add":
            tracks[-1].add(points(5, 30.0 + len(tracks)))
        elif act == "fit":
            track = tracks[len(tracks) // 2]
            track.fitted_ohm = track.points["real_ohm"] + 1j * track.points["imaginary_ohm"]
        elif act == "fewer":
            tracks.pop(0)
        elif act in ("dark", "light"):
            look = DARK if act == "dark" else LIGHT
            plot.set_colors(look)
        elif kind is NyquistPlot:
            plot.hide_inductive = not plot.hide_inductive
        plot.show_spectra(tracks)
    anew = kind(look)
    if kind is NyquistPlot:
        anew.hide_inductive = plot.hide_inductive
    anew.show_spectra(tracks)
    assert curves(plot, qapp) == curves(anew, qapp)


def test_a_point_more_draws_one_spectrum_again(kind, qapp, monkeypatch):
    plot, tracks, drawn = kind(LIGHT), tracks_of(30), []
    plot.show_spectra(tracks)
    curves(plot, qapp)
    monkeypatch.setattr(plot._curves, "_draw", drawn.append)
    tracks[-1].add(points(1, 80.0))
    plot.show_spectra(tracks)
    assert drawn == [29]


def test_the_window_answers_before_a_long_drawing_is_done(kind, qapp, monkeypatch):
    tracks, plot = tracks_of(6), kind(LIGHT)
    monkeypatch.setattr(gradual, "MOMENT_S", 0.0)
    plot.show_spectra(tracks)
    assert list(plot._curves._drawn) == [5]  # the newest first
    plot.show_spectra(tracks[:4])  # and another wish before the first is done
    monkeypatch.undo()
    anew = kind(LIGHT)
    anew.show_spectra(tracks[:4])
    assert curves(plot, qapp) == curves(anew, qapp)


def test_values_and_pictures_hold_all_spectra_however_few_are_drawn_yet(kind, qapp, monkeypatch, tmp_path):
    tracks, whole = tracks_of(9), kind(LIGHT)
    whole.show_spectra(tracks)
    curves(whole, qapp)
    monkeypatch.setattr(gradual, "MOMENT_S", 0.0)
    for suffix in (".csv", ".png"):
        plot = kind(LIGHT)
        plot.show_spectra(tracks)
        assert len(plot._curves._drawn) == 1
        save(plot, tmp_path / f"part{suffix}")
        assert len(plot._curves._drawn) == 9
        save(whole, tmp_path / f"whole{suffix}")
        if suffix == ".csv":
            part, all_of_it = ((tmp_path / f"{one}.csv").read_text() for one in ("part", "whole"))
            assert part == all_of_it


def test_an_array_is_the_same_as_itself_alone():
    one, other = np.zeros(3), np.zeros(3)
    assert Same(one) == Same(one)
    assert Same(one) != Same(other)
