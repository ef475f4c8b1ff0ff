"""The page on a new export format, carried out: its file, its line and its test."""

import json
import re
from pathlib import Path

import h5py
import pytest
from typer.testing import CliRunner

import solbench.analysis.exports
from solbench.analysis.exports import formats
from solbench.analysis.exports.formats import FORMATS, Format, export_run
from solbench.cli.whole import app
from tests.acquisition.runs import request, run_it

PAGE = (Path(__file__).parents[2] / "docs" / "adding-an-export.md").read_text(encoding="utf-8")
FILE, LINE, TEST = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    run = tmp_path_factory.mktemp("export page") / "tiny.h5"
    run_it(request(run))
    return run


@pytest.fixture
def followed(tmp_path, monkeypatch):
    """The program with the page's file beside the other writers, and the page's line in the table."""
    (name,) = re.findall(r"`analysis/exports/(\w+\.py)`:", PAGE)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / name).write_text(FILE, encoding="utf-8")
    package = solbench.analysis.exports
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path / "new")])
    monkeypatch.setattr(formats, "FORMATS", dict(FORMATS))
    exec(LINE, {"FORMATS": formats.FORMATS, "Format": Format})
    assert len(formats.FORMATS) == len(FORMATS) + 1
    return next(key for key in formats.FORMATS if key not in FORMATS)


def test_the_pages_own_test_passes(followed, tiny, tmp_path):
    names = {"json": json, "h5py": h5py, "export_run": export_run}
    exec(TEST, names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    (tmp_path / "out").mkdir()
    test(tiny, tmp_path / "out")


def test_the_command_writes_it_and_overwrites_nothing(followed, tiny, tmp_path):
    arguments = ["export", str(tiny), "--format", followed, "-o", str(tmp_path / "out"), "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.stderr
    (file,) = json.loads(done.stdout)["files"]
    before = Path(file).read_bytes()
    assert CliRunner().invoke(app, arguments).exit_code == 2
    assert Path(file).read_bytes() == before


def test_an_unfinished_run_is_exported_too(followed, tiny, tmp_path):
    """A writer sees no difference between a run file and a journal."""
    journal = tmp_path / "killed.journal"
    lines = tiny.with_suffix(".journal").read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:120]))
    (file,) = export_run(journal, followed, tmp_path / "out")
    samples = sum(b'"kind":"sample"' in line for line in lines[:120])
    assert len(file.read_text().splitlines()) == samples > 0


def test_all_writers_that_the_table_names_are_there():
    """A mistyped MODULE:FUNCTION would be found only by the user who chooses that format."""
    folder = Path(formats.__file__).parent
    for format in FORMATS.values():
        module, _, function = format.writer.partition(":")
        assert (
            f"\ndef {function}(source: Source, folder: Folder) -> None:"
            in (folder / f"{module}.py").read_text()
        )
