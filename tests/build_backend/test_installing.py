"""Every way to install the program that the pages print, carried out as printed, in a fresh clone and an empty home.

Needs the package index; under a minute each.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import uv

from solbench.acquisition.host.boot_service import unit_text
from tests.build_backend.test_solbench_build import clone as clone
from tests.build_backend.test_solbench_build import wheel as wheel
from tests.docs.test_commands import printed, require_in_order
from tests.modules import ROOT

pytestmark = pytest.mark.long

OTHERS = ("3.12", "3.13")
RUN = ["run", "half-cell", "--cell", "nbh", "--json", "-o"]


def blocks(page: str, having: str) -> list[str]:
    """The pieces for a shell on a page that hold `having`."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [block for block in re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S) if having in block]
    assert found, f"{page} prints nothing with {having}"
    return found


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home with a `python3` and a `uv` on its path, and nothing of ours."""
    programs = tmp_path / ".local/bin"
    programs.mkdir(parents=True)
    (programs / "python3").symlink_to(Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}"))
    (programs / "uv").symlink_to(uv.find_uv_bin())
    return tmp_path


def carried_out(block: str, folder: Path, home: Path) -> str:
    """What a piece for a shell prints, with `-e`: every line must succeed."""
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "SOLBENCH", "XDG"))
    }
    cache = os.environ.get("UV_CACHE_DIR", str(Path.home() / ".cache/uv"))
    mine = {"HOME": str(home), "PATH": f"{home / '.local/bin'}:/usr/bin:/bin", "UV_CACHE_DIR": cache}
    mine["SOLBENCH_LOCKS"] = str(home / "locks")
    mine["PIP_CACHE_DIR"] = str(Path.home() / ".cache/pip")
    done = subprocess.run(
        ["bash", "-e", "-c", block], cwd=folder, env=kept | mine, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, block + done.stdout + done.stderr
    return done.stderr + done.stdout


def test_the_command_of_the_readme_makes_a_run(clone: Path, home: Path) -> None:
    (block,) = blocks("README.md", "-e . &&")
    said = carried_out(block, clone, home)
    page = printed("first-run.md", "solbench run half-cell --cell nbh")
    require_in_order([line for line in page if "h5" not in line], said.splitlines())
    assert "Coulombic efficiency 1: 0.8199 +- 0.0001" in said
    assert "half-cell on nbh" in carried_out(".venv/bin/solbench summary first-run.h5", clone, home)


def test_the_wheel_is_installed_as_a_tool(clone: Path, home: Path) -> None:
    if not (clone / ".venv").exists():
        carried_out("python3 -m venv .venv", clone, home)
    (block,) = blocks("docs/install.md", "uv tool install")
    for before in clone.glob("first-run.*"):
        before.unlink()
    assert "completed: all steps ended" in carried_out(block, clone, home)
    elsewhere = home / "elsewhere"
    elsewhere.mkdir()
    assert carried_out("solbench --version", elsewhere, home).startswith("solbench ")
    (completion,) = blocks("docs/install.md", "--completion bash >")
    (home / ".local/share/bash-completion/completions").mkdir(parents=True)
    carried_out(completion, elsewhere, home)
    (manual,) = blocks("docs/install.md", "man solbench")
    if shutil.which("man"):
        assert "solbench queue add" in carried_out(manual, elsewhere, home)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd on this PC")
@pytest.mark.parametrize("page", ["docs/install.md", "docs/board.md", "the service"])
def test_systemd_takes_the_units(page: str, home: Path) -> None:
    program = home / ".local/bin/solbench"
    program.symlink_to("/bin/true")
    if page == "the service":
        unit = unit_text()
    else:
        text = (ROOT / page).read_text(encoding="utf-8")
        (unit,) = re.findall(r"^ *```text\n *(\[Unit\]\n.*?)^ *```", text, re.M | re.S)
    (home / "run").mkdir()
    (home / "solbench-a.service").write_text(inspect.cleandoc(unit) + "\n", encoding="utf-8")
    verify = "XDG_RUNTIME_DIR=$HOME/run systemd-analyze --user verify ./solbench-a.service"
    assert carried_out(verify, home, home) == ""


def test_a_wheelhouse_installs_without_a_network(clone: Path, home: Path) -> None:
    gather, install = blocks("docs/install.md", "wheelhouse")
    carried_out(gather, clone, home)
    (clone / "wheelhouse").rename(home / "wheelhouse")
    carried_out(f"export PIP_NO_INDEX=1 PIP_FIND_LINKS=\n{install}", home, home)
    assert carried_out("solbench/bin/solbench --version", home, home).startswith("solbench ")
    carried_out("QT_QPA_PLATFORM=offscreen solbench/bin/python -c 'import solbench.gui.app'", home, home)


def _starts(python: str, version: str) -> bool:
    """Whether it is that version; a shim of pyenv may lead to none."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


@pytest.mark.parametrize("version", OTHERS)
def test_another_python_measures_the_same(version: str, wheel: Path, home: Path) -> None:
    """The whole half cell with the newest libraries that the wheel allows, on a later Python."""
    found = [shutil.which(f"python{version}"), *Path.home().glob(f".pyenv/versions/{version}*/bin/python")]
    working = (str(python) for python in found if python and _starts(str(python), version))
    if (python := next(working, None)) is None:
        pytest.skip(f"no Python {version} on this PC")
    carried_out(f"uv venv -q -p {python} other && uv pip install -q -p other/bin/python {wheel}", home, home)
    said = carried_out(f"other/bin/solbench {' '.join(RUN)} a.h5 2>/dev/null", home, home)
    there = json.loads(said.splitlines()[-1])
    here = carried_out(f"{sys.executable} -m solbench {' '.join(RUN)} b.h5 2>/dev/null", home, home)
    mine = json.loads(here.splitlines()[-1])
    assert there["completed"] is True
    assert there["samples"] == mine["samples"]
    assert there["coulombic_efficiency"] == pytest.approx(mine["coulombic_efficiency"], rel=1e-9)
    # Of a growth that does not show, libraries round the digits far behind its uncertainty otherwise.
    uncertain_ohm = mine["r_interface_growth_stderr_ohm"]
    assert there["r_interface_growth_stderr_ohm"] == pytest.approx(
        uncertain_ohm, rel=1e-2
    )  # told with two digits
    assert there["r_interface_growth_ohm"] == pytest.approx(
        mine["r_interface_growth_ohm"], abs=1e-3 * uncertain_ohm
    )
