"""Every piece of Python on a page is carried out by a test."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.acquisition.runs import request, run_it

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(?:python|pycon)\n(.*?)^```", re.M | re.S)

# page -> the test that carries it out
TESTED = {
    "adding-an-experiment.md": "test_adding_an_experiment_page.py",
    "adding-a-step-kind.md": "test_adding_a_step_kind_page.py",
    "adding-an-instrument.md": "test_adding_an_instrument_page.py",
    "adding-an-export.md": "test_adding_an_export_page.py",
    "api.md": "test_api_page.py",  # signatures
    "control-channel.md": "test_control_channel_page.py",
    "files.md": "test_python_blocks.py",
    "notebooks.md": "test_notebooks_page.py",
    "report.md": "test_python_blocks.py",
    "simulators.md": "test_pages.py",
    "your-own-scripts.md": "../test_pyvisa_solbench.py",
}


def test_every_page_with_python_is_carried_out_by_a_test() -> None:
    pages = {page.name for page in DOCS.rglob("*.md") if BLOCK.search(page.read_text(encoding="utf-8"))}
    assert pages <= TESTED.keys()
    for page in pages:
        assert page in (Path(__file__).parent / TESTED[page]).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "a.h5"
    run_it(request(path))
    return path


PRINTED = {
    "files.md": r"\A0001 0\.\d+ 5\d\d\.\d+\n0002 ",
    "report.md": r"\AEfficiency\(value=1\.8\d+, stderr=0\.0",
}


@pytest.mark.parametrize(("page", "name"), [("files.md", "my-run.h5"), ("report.md", "nbh.h5")])
def test_a_block_runs_beside_a_run_file(
    run: Path,
    page: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(run, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
    assert re.search(PRINTED[page], capsys.readouterr().out)
