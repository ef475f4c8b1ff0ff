"""What is built from a fresh clone, and what of it works beside packages of other people that bear our rooms' names."""

from __future__ import annotations

import email
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.modules import MODULES, ROOMS, ROOT

pytestmark = pytest.mark.long

FOREIGN = ("drivers", "simulators")
MARK = "THE_WORK_OF_OTHERS = True\n"


def _ran(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a program wrote; the test's own paths are hidden from it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SOLBENCH"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=kept | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _built(kind: str, source: Path, target: Path) -> Path:
    """The sdist or wheel that the build backend of `source` makes, as pip would call it."""
    target.mkdir(exist_ok=True)
    program = (
        "import sys; sys.path.insert(0, 'build_backend'); import solbench_build;"
        f"print(); print(solbench_build.build_{kind}({str(target)!r}))"
    )
    return target / _ran(sys.executable, "-c", program, cwd=source).splitlines()[-1]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What git gives: the files that it keeps and no link, but one that leads to nowhere."""
    folder = tmp_path_factory.mktemp("clone")
    names = _ran("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).split("\0")
    for name in filter(None, names):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    if os.name != "nt":
        (folder / "src" / "solbench" / "drivers").symlink_to("/nowhere/drivers")
    return folder


@pytest.fixture(scope="module")
def wheel(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built("wheel", clone, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built("sdist", clone, tmp_path_factory.mktemp("sdist"))


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _foreign_wheel(name: str, folder: Path) -> Path:
    """A wheel of somebody else's package `name`."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", MARK)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(
            f"{info}/RECORD",
            f"{name}/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n",
        )
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the wheel between two foreign packages.

    What the program needs is taken from this environment, for no network is used; the program is not: a path
    file that is found by way of another is not read.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (site,) = json.loads(
        _ran(python, "-c", "import site, json; print(json.dumps(site.getsitepackages()[-1:]))", cwd=folder)
    )
    install = [sys.executable, "-m", "pip", "-q", "--python", python, "install", "--no-index", "--no-deps"]
    first, last = (_foreign_wheel(name, folder) for name in FOREIGN)
    for package in (first, wheel, last):
        _ran(*install, package, cwd=folder)
    outer = Path(pytest.__file__).parents[1]
    Path(site, "needs.pth").write_text(f"{outer}\n", encoding="utf-8")
    return python


def test_at_top_level_there_is_nothing_but_ours(wheel: Path) -> None:
    top = {name.split("/")[0] for name in _names(wheel)}
    (info,) = {name for name in top if name.endswith(".dist-info")}
    data = f"{info.removesuffix('.dist-info')}.data"
    assert top - {info, data} == {"solbench", "pyvisa_solbench"}
    assert f"{data}/data/share/man/man1/solbench.1" in _names(wheel)


def test_every_module_and_every_file_of_data_is_in_the_wheel(wheel: Path) -> None:
    names = _names(wheel)
    modules = {path.relative_to(ROOT).as_posix() for path in MODULES.values()}
    data = [*(ROOT / "protocols" / "shipped").rglob("*.yaml"), *(ROOT / "gui" / "marks").glob("*.svg")]
    wanted = modules | {path.relative_to(ROOT).as_posix() for path in data}
    inside = {f"solbench/{name}" if name.split("/")[0] in ROOMS else name for name in wanted}
    assert len(data) > 15
    assert inside | {"solbench/py.typed", "solbench/__main__.py"} <= names


def test_the_wheel_says_what_it_needs_and_gives(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        found = email.message_from_bytes(archive.read(metadata))
        entries = archive.read(metadata.replace("METADATA", "entry_points.txt")).decode()
    assert found["Name"] == "solbench"
    text = found.get_payload()
    assert isinstance(text, str)
    assert "blob/main/docs/install.md)" in text
    assert "raw/main/docs/images/desktop-live.png)" in text
    assert re.findall(r"\]\((?!https:)[^)]*", text) == []
    assert any(need.startswith("pyvisa>=") for need in found.get_all("Requires-Dist"))
    assert "solbench = solbench.cli.main:main" in entries


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_clone(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert not any(path.is_symlink() for path in unpacked.rglob("*"))
    for kept in (
        "LICENSE",
        "CITATION.cff",
        "constraints.txt",
        "docs/index.md",
        ".ci/run",
        "tests/conftest.py",
    ):
        assert (unpacked / kept).is_file(), kept
    assert _names(_built("wheel", unpacked, tmp_path / "dist")) == _names(wheel)


def test_the_half_cell_runs_beside_foreign_packages_of_the_same_names(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "analysis.py").write_text("raise RuntimeError('not this one')\n", encoding="utf-8")
    places = {"SOLBENCH_STATE": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    home = _ran(
        installed, "-c", "import solbench.drivers, sys; print(solbench.drivers.__file__)", cwd=tmp_path
    )
    assert Path(home).is_relative_to(installed.parents[1])
    arguments = ["run", "half-cell", "--cell", "nbh", "-o", "a.h5", "--json"]
    out = _ran(installed, "-m", "solbench", *arguments, cwd=tmp_path, **places)
    summary = json.loads(out.splitlines()[-1])
    assert summary["completed"] is True
    assert (tmp_path / "a.h5").stat().st_size > 10_000


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_packages_are_what_they_were(installed: Path, name: str, tmp_path: Path) -> None:
    program = f"import {name}; print(open({name}.__file__).read(), end='')"
    assert _ran(installed, "-c", program, cwd=tmp_path) == MARK
