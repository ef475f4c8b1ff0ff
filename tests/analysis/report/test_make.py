"""Reports of short runs: what is on the page, in the figures and in the tables, against the runs themselves."""

import re
import subprocess
import sys
from copy import copy
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from solbench.acquisition.errors import OutputExists, RunFileError
from solbench.acquisition.record.beside.gauges import GaugeTrace
from solbench.analysis.report import conductivities, make, tables, voltages
from solbench.analysis.report.conductivities import Conductivity, rise, transference
from solbench.analysis.report.contents import read_contents
from solbench.analysis.report.make import all_drawings, mark_of, result_tables, write_report
from solbench.analysis.report.nyquist import decades
from solbench.analysis.report.render import painted
from solbench.analysis.report.style import thinned
from solbench.analysis.report.words import steps_in_words
from solbench.analysis.summary import summarise
from tests.analysis.report_runs import KINDS, PELLET, made
from tests.tiers import few

ON_THE_PAGE = [name for name in KINDS if name != "half nbh"]  # a half cell is dear
SVG = "{http://www.w3.org/2000/svg}"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


def written(report_runs, contents, folder, **more):
    """Write a report of every kind of run, from the contents that other tests look at: each spectrum is fitted once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(make, "read_contents", lambda _runs: [contents[name] for name in ON_THE_PAGE])
        return write_report([report_runs[name] for name in ON_THE_PAGE], folder / "r.html", **more)


@pytest.fixture(scope="module")
def everything(report_runs, contents, tmp_path_factory):
    """The folder of a report of every kind of run, as a page and as PDF."""
    folder = tmp_path_factory.mktemp("page")
    written(report_runs, contents, folder, pdf=folder / "r.pdf")
    return folder


@pytest.fixture(scope="module")
def text(everything):
    return (everything / "r.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read():
    """Runs read in any order and company; the spectra of each are fitted once."""
    known = {}

    def contents_of(runs):
        found = read_contents(runs)
        for content in found:
            content.spectra = known.setdefault(content.run.path, content.spectra)
        return found

    return contents_of


@pytest.fixture(scope="module")
def contents(report_runs, read):
    return dict(zip(report_runs, read(list(report_runs.values())), strict=True))


def figures_of(text: str) -> dict[str, str]:
    return dict(re.findall(r'<figure id="figure-([\w-]+)">\s*(<svg.*?</svg>)', text, re.DOTALL))


def drawing(contents, name, kind=None):
    return next(found for found in all_drawings(contents, [kind or name]) if found.name == name)


def cell_of(table, row, column):
    """The cell of a table in the column whose head begins with these words."""
    [place] = [i for i, head in enumerate(table.head) if head.startswith(column)]
    return table.rows[row][place]


def number(cell: str) -> float:
    return float(cell.replace("\u2212", "-").strip("(").split("\u00a0")[0])


def test_the_page_needs_nothing_from_elsewhere(text):
    tags = Page(text).tags
    assert not {tag for tag, _ in tags} & {"script", "link", "iframe", "img", "object", "embed"}
    links = [
        value or ""
        for _, attributes in tags
        for name, value in attributes.items()
        if "href" in name or name == "src"
    ]
    assert links
    assert all(link.startswith("#") for link in links)
    assert not re.findall(r"url\((?!#)", text)
    assert "@import" not in text


def test_ids_are_unique_and_what_they_are_used_for_exists(text):
    ids = re.findall(r'\bid="([^"]+)"', text)
    used = set(re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', text))
    assert len(ids) == len(set(ids))
    assert {a or b for a, b in used} <= set(ids)


def test_every_figure_of_the_paper_is_there_and_marked(text):
    figures = figures_of(text)
    assert {"voltage", "nyquist", "interface", "first-cycle", "capacity", "polarization", "pellet"} <= set(
        figures
    )
    assert {"dq-dv", "kramers-kronig", "symmetric"} <= set(figures)
    for svg in figures.values():
        root = ElementTree.fromstring(svg.replace(' role="img"', "", 1))
        assert "SIMULATED, unit ideal" in [
            (element.text or "").strip() for element in root.iter(f"{SVG}text")
        ]


def test_what_was_typed_in_is_shown_as_typed_and_never_as_markup(text):
    assert "A. <Nobody>" in Page(text).words
    assert "<Nobody>" not in text


def test_what_stands_behind_the_results_is_named(text, report_runs):
    words = Page(text).words
    import hashlib

    for run in (report_runs[name] for name in ON_THE_PAGE):
        assert run.name in words
        assert hashlib.sha256(run.read_bytes()).hexdigest() in words
    for expected in (
        "1287 12870001",
        "1260 IMPEDANCE ANALYZER",
        "GPIB0::6::INSTR",
        "matplotlib",
        "75 MPa",
        "25 degC",
    ):
        assert expected in words


@pytest.mark.long
def test_each_figure_is_a_file_of_its_own_in_both_formats(report_runs, contents, tmp_path):
    from matplotlib.image import imread

    report = written(report_runs, contents, tmp_path, figures=tmp_path / "figures")
    singles = [path for path in report.files if path.parent == tmp_path / "figures"]
    assert {path.suffix for path in singles} == {".svg", ".png"}
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert {path.stem for path in singles} == set(figures_of(page))
    for path in singles:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag == f"{SVG}svg"
        else:
            picture = imread(path)[..., :3]
            assert picture.shape[1] > 1000
            assert 0.005 < np.mean(np.any(picture < 0.9, axis=2)) < 0.5  # neither empty nor black


def test_the_pdf_has_several_figures_a_page_and_tables_as_tables(everything, text):
    """Heads are repeated, numbers are whole, every figure is there with its title, and the mark on every page."""
    from pypdf import PdfReader

    reader = PdfReader(everything / "r.pdf")
    pages = [page.extract_text() for page in reader.pages]
    tall = [page for page in reader.pages if page.mediabox.height > page.mediabox.width]
    assert 0 < len(tall) < len(figures_of(text))
    assert all("SIMULATED" in page for page in pages)
    whole = "\n".join(pages).replace("\u00a0", " ")
    for title in re.findall(r"<figcaption><b>(.*?)</b>", text):
        assert title in whole
    cells = [cell for cell in re.findall(r"<td>(.*?)</td>", text) if "±" in cell]
    assert len(cells) > 10
    for cell in cells:
        assert cell.replace("\u00a0", " ") in whole


def test_nothing_is_overwritten_and_nothing_begun(report_runs, tmp_path):
    taken = tmp_path / "figures" / "pellet.png"
    taken.parent.mkdir()
    taken.write_text("mine")
    with pytest.raises(OutputExists):
        write_report([report_runs["pellet"]], tmp_path / "a.html", figures=taken.parent)
    assert taken.read_text() == "mine"
    assert list(tmp_path.rglob("*.*")) == [taken]


@pytest.mark.parametrize("pages", [("no such folder/a.html", None), ("a.html", "no such folder/a.pdf")])
def test_a_page_that_cannot_be_written_is_told_before_a_run_is_read(tmp_path, pages):
    page, pdf = (tmp_path / name if name else None for name in pages)
    with pytest.raises(FileNotFoundError, match="no such folder"):
        write_report([tmp_path / "no such run.h5"], page, pdf=pdf)
    assert not list(tmp_path.iterdir())


@pytest.mark.long
def test_numbers_of_the_half_cells_are_those_of_the_summary(contents):
    for name in ("half nyzc", "half nbh"):
        table = tables.half_cells([contents[name]])
        summary = summarise(contents[name].run)
        sodiation, desodiation = summary.steps
        assert number(cell_of(table, 0, "sodiation")) == pytest.approx(
            sodiation.areal_capacity_mAh_cm2, rel=0.02
        )
        efficiency = number(cell_of(table, 0, "Coulombic")) / 100.0
        assert efficiency == pytest.approx(summary.coulombic_efficiency[0], rel=1e-3)
        ratio = desodiation.areal_capacity_mAh_cm2 / sodiation.areal_capacity_mAh_cm2
        assert efficiency == pytest.approx(ratio, rel=1e-3)


@pytest.mark.long
def test_voltage_curves_end_where_the_steps_did(contents):
    with painted(drawing([contents["half nbh"]], "voltage", "half-cells")) as figure:
        [axes] = figure.axes
        curves = {line.get_label().split(",")[0]: line for line in axes.lines}
        steps = summarise(contents["half nbh"].run).steps
        for step in steps:
            x, y = curves[step.name].get_data()
            assert x[-1] == pytest.approx(step.areal_capacity_mAh_cm2, rel=0.01)
            assert np.all(np.isfinite(y))
        assert curves["desodiation"].get_ydata()[-1] == pytest.approx(2.0, abs=0.01)
        assert len(curves["spectrum (at rest)"].get_xdata()) == 3
        assert "mAh" in axes.get_xlabel()
        assert "/ V" in axes.get_ylabel()


def test_nyquist_axes_are_equal_and_show_every_sodiated_point(contents):
    content = contents["half nyzc"]
    with painted(drawing([content], "nyquist")) as figure:
        axes = figure.axes[0]
        width, height = figure.get_size_inches() * axes.get_position().size
        (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
        assert (right - left) / width == pytest.approx((high - low) / height)
        for record, state in content.states:
            z = content.spectra.spectrum(record)[1]
            if not state.fresh:
                assert left < z.real.min() < z.real.max() < right
                assert low < (-z.imag).min() < (-z.imag).max() < high


def test_every_axis_of_every_figure_has_a_unit(contents):
    without = {"cycle", "half-cycle", "spectrum"}
    for found in all_drawings([contents[name] for name in ON_THE_PAGE]):
        with painted(found) as figure:
            for axes in figure.axes:
                for label, shown in (
                    (axes.get_xlabel(), axes.xaxis.get_tick_params().get("labelbottom", True)),
                    (axes.get_ylabel(), axes.yaxis.get_tick_params().get("labelleft", True)),
                ):
                    assert " / " in label or label in without or not shown or not axes.axison, found.name


@pytest.mark.long
def test_text_stays_in_the_figure_and_off_other_text(contents):
    for found in all_drawings(list(contents.values())):
        with painted(found) as figure:
            from matplotlib.backends.backend_agg import FigureCanvasAgg

            renderer = FigureCanvasAgg(figure).get_renderer()
            figure.draw(renderer)
            whole = figure.bbox
            for axes in figure.axes:
                outer = axes.get_tightbbox(renderer)
                assert outer is None or (outer.x0 >= -1 and outer.y0 >= -1), found.name
                assert outer is None or (outer.x1 <= whole.x1 + 1 and outer.y1 <= whole.y1 + 1), found.name
            titles = [axes.title if axes.title.get_text() else axes._left_title for axes in figure.axes]
            mark = figure.texts[0].get_window_extent(renderer)
            assert not any(
                mark.overlaps(title.get_window_extent(renderer)) for title in titles if title.get_text()
            )


def as_measured(content):
    """The same run with its fits, as if a real bench had made it."""
    found = copy(content)
    found.run = copy(content.run)
    first, *others = content.run.events
    found.run.events = [first._replace(body=replace(content.run.header, simulated=False)), *others]
    return found


def test_a_measured_run_carries_no_mark_and_a_mixed_figure_names_the_simulated_one(contents):
    from matplotlib.text import Text

    measured, simulated = as_measured(contents["half nyzc"]), contents["half nbh"]
    assert mark_of([measured]) == ""
    for found in all_drawings([measured]):
        with painted(found) as figure:
            assert not [text for text in figure.findobj(Text) if "SIMULATED" in text.get_text()], found.name
    both = drawing([measured, simulated], "voltage", "half-cells")
    assert both.mark == "SIMULATED: nbh (unit ideal)"
    assert "half-nbh.h5" in mark_of([measured, simulated])
    assert "half-nyzc.h5" not in mark_of([measured, simulated])


@pytest.fixture(scope="module")
def again(report_runs, tmp_path_factory):
    """The pellet once more, twice: as warm as before, and at 60 degC."""
    folder = tmp_path_factory.mktemp("again")
    texts = {"again": PELLET, "warm": PELLET.replace("25 degC", "60 degC")}
    return [made(folder, name, text, "nyzc") for name, text in texts.items()]


@pytest.mark.long
def test_two_runs_of_one_kind_are_told_apart(report_runs, again):
    labels = [content.label for content in read_contents([report_runs["pellet"], again[0]])]
    assert labels == ["nyzc (pellet)", "nyzc (again)"]


def test_a_copy_of_a_run_is_no_second_run(report_runs, tmp_path):
    copy = tmp_path / "copy.h5"
    copy.write_bytes(report_runs["pellet"].read_bytes())
    with pytest.raises(RunFileError, match="the run that pellet"):
        read_contents([report_runs["pristine"], report_runs["pellet"], copy])


@few("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)], (1,))
def test_each_temperature_and_each_repeated_run_has_a_row_of_conductivities(report_runs, again, read, order):
    paths = [report_runs["pellet"], *again]
    table = conductivities.table(read([*(paths[n] for n in order), report_runs["reduced"]]))
    found = {row[3]: (row[1], row[4] != "–", row[6] != "–") for row in table.rows}
    first = next(n for n in order if n != 2)
    stems = [path.stem for path in paths]
    assert found == {
        f"{stems[first]}, reduced": ("25 degC (typed)", True, True),
        stems[1 - first]: ("25 degC (typed)", True, False),
        "warm": ("60 degC (typed)", True, False),
    }
    (warm,) = read(again[1:])
    assert {row[3]: row[4] for row in table.rows}["warm"] == str(Conductivity(*warm.ionic_S_cm))
    assert warm.ionic_S_cm[0] > 2e-4
    every = conductivities.run_by_run(read([*paths, report_runs["reduced"]]))
    assert [row[0] for row in every.rows] == [*stems, "reduced"]
    assert {row[4] for row in every.rows} == {"75 MPa"}
    pellets = conductivities.repeated_pellets(read(paths))
    assert [(row[1], row[3]) for row in pellets.rows] == [("25 degC (typed)", "2")]


@few(
    ("degC", "typed", "rows"),
    [((25.0, 25.6), True, 1), ((25.0, 60.0), True, 2), ((25.0, 60.0), False, 2), ((None, 60.0), True, 2)],
    (0, 2),
)
def test_runs_whose_measured_temperatures_differ_do_not_meet_in_a_row(report_runs, degC, typed, rows):
    """Whatever was typed: ions at 25 degC and electrons at 60 degC carry no shares of one current."""
    both = read_contents([report_runs["pellet"], report_runs["pristine"]])
    for content, shown in zip(both, degC, strict=True):
        first, *others = content.run.events
        if not typed:
            header = first.body
            conditions = replace(header.conditions, temperature="unknown")
            unknown = replace(header, conditions=conditions, temperature_K=None)
            content.run.events = [first._replace(body=unknown), *others]
        if shown is not None:
            kelvin = [shown + 273.15] * 2
            until_s = content.run.events[-1].time_s
            content.run.gauges = [GaugeTrace("cell", "K", [0.0, until_s], kelvin, place="cell", stderr=0.3)]
    table = conductivities.table(both)
    assert len(table.rows) == rows
    shares = [cell_of(table, k, "transference, pristine") for k in range(rows)]
    assert [share.startswith("ions carry") for share in shares] == [rows == 1] * rows


def test_four_cells_take_two_figures_of_three_at_most(contents):
    group = [contents["half nbh"]] * 4
    found = voltages.half_cells(group)
    assert [(d.name, len(d.contents)) for d in found] == [("voltage", 3), ("voltage-2", 1)]


def test_conductivities_of_one_electrolyte_meet_in_one_row(contents):
    table = conductivities.table([contents[name] for name in ("pellet", "pristine", "reduced")])
    assert len(table.rows) == 1
    assert table.rows[0][0] == "nyzc"
    assert "6.2" in cell_of(table, 0, "ionic")
    assert number(cell_of(table, 0, "rise")) == pytest.approx(3.0, abs=0.05)  # x 1000 in the paper
    assert cell_of(table, 0, "transference, pristine").startswith("ions carry 99.99")
    assert conductivities.table([contents["half nbh"]]) is None


def test_rises_and_bounds():
    small, large = Conductivity(2e-10, np.nan, True), Conductivity(1e-7, 2e-9)
    assert rise(small, large) == "≥\u00a02.6\u00a0decades"  # log10(500) = 2.699, rounded down
    assert "not determined" in rise(large, small)
    assert transference(Conductivity(1e-4, 1e-6), small).startswith("ions carry more than 99.999")


@few("share", [0.0, 0.1, 0.5], 2)
def test_a_run_that_died_is_reported_as_far_as_it_came(report_runs, tmp_path, share):
    journal = report_runs["half nbh"].with_suffix(".journal").read_bytes().splitlines(keepends=True)
    run = tmp_path / "died.journal"
    run.write_bytes(b"".join(journal[: 1 + int(share * len(journal))]))
    write_report([run], tmp_path / "died.html")
    words = Page((tmp_path / "died.html").read_text(encoding="utf-8")).words
    assert "NOT COMPLETED" in words
    assert "the program exited unexpectedly" in words


@pytest.mark.long
def test_a_half_that_was_cut_short_has_no_efficiency(report_runs, tmp_path):
    journal = report_runs["half nbh"].with_suffix(".journal").read_bytes().splitlines(keepends=True)
    run = tmp_path / "cut.journal"
    run.write_bytes(b"".join(journal[: len(journal) - 40]))
    [content] = read_contents([run])
    assert cell_of(tables.half_cells([content]), 0, "Coulombic").startswith("not determined")


def test_steps_are_told_in_words(contents):
    sodiation, desodiation = steps_in_words(contents["half nbh"].run)
    assert sodiation.startswith(
        "sodiation: constant current -0.16 mA/cm2 until capacity 0.03 mAh/cm2; at 0 %, 50 %"
    )
    assert "30 mV rms" in sodiation
    assert desodiation == "desodiation: constant current 0.16 mA/cm2 until voltage 2.0 V"
    zero, loop, charge, discharge = steps_in_words(contents["full"].run)
    assert zero == "zero: rest at open circuit for 2 min"
    assert loop == "cycling: 2 times"
    assert charge.strip() == "charge: constant current 0.064 mA/cm2 until time 10 min"
    assert discharge.strip().endswith("until voltage 1.7 V")
    [polarization] = steps_in_words(contents["pristine"].run)
    assert "50 mV until the current changes by less than 1 % in 600 s, at most 25 min" in polarization


def test_a_thousand_cycles_are_a_table_that_can_be_read(contents):
    [first, *_] = contents["full"].cycles
    chosen = tables.few_of([first.__class__(**{**vars(first), "number": n}) for n in range(1, 1001)])
    numbers = [cycle.number for cycle in chosen]
    assert numbers[:10] == list(range(1, 11))
    assert numbers[-1] == 1000
    assert {20, 50, 100, 200, 500} <= set(numbers)
    assert len(numbers) <= 24


def test_the_quality_of_every_spectrum_has_a_reason(contents):
    table = tables.spectra([contents["half nyzc"]])
    assert [cell_of(table, i, "state") for i in range(3)] == ["0 %", "50 %", "100 %"]
    for i in range(3):
        assert cell_of(table, i, "verdict") in ("good", "doubtful", "wrong")
        assert cell_of(table, i, "reason")


def test_thinning_keeps_ends_and_extremes():
    x = np.arange(100_000.0)
    y = np.sin(x / 5000.0)
    y[12_345], y[77_777] = 9.0, -9.0
    fewer_x, fewer_y = thinned(x, y)
    assert len(fewer_x) < 1500
    assert (fewer_x[0], fewer_x[-1]) == (0.0, 99_999.0)
    assert (fewer_y.max(), fewer_y.min()) == (9.0, -9.0)
    assert np.all(np.diff(fewer_x) > 0)


def test_decades_are_found_between_the_points_of_any_spacing():
    frequency_Hz = np.geomspace(1.2e6, 0.9, 40)
    found = frequency_Hz[decades(frequency_Hz)]
    assert len(found) == 7
    assert np.abs(np.log10(found) - np.arange(6, -1, -1)).max() < 0.08


@pytest.mark.long
def test_the_same_runs_make_the_same_page(report_runs, tmp_path):
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    for page in pages:
        write_report([report_runs["half nbh"]], page)
    assert pages[0].read_bytes() == pages[1].read_bytes()


def test_tables_have_as_many_cells_as_heads(contents):
    for table in result_tables([contents[name] for name in ON_THE_PAGE]):
        assert {len(row) for row in table.rows} == {len(table.head)}, table.title


@pytest.mark.long
def test_no_figure_library_is_loaded_before_it_is_needed():
    code = (
        "import sys, solbench.cli.main, solbench.analysis.report.make; "
        "print('matplotlib' in sys.modules, 'scipy' in sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert shown.stdout.split() == ["False", "False"]
