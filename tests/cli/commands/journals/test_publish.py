"""`solbench publish`: each run is in the catalogue once and whole, whatever is sent again."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from benchmarks.environments import python_with

from solbench.acquisition.record.final_file import build_final
from solbench.cli.main import app_of
from tests.acquisition.runs import RUNS_0_1


class Catalogue(dict[str, Any]):
    """A server that keeps what it is sent, by run."""

    def __init__(self) -> None:
        super().__init__()
        self.fails_after: int | None = None
        self.sent = 0

    def take(self, name: str, document: dict[str, Any]) -> None:
        if self.fails_after is not None and self.sent >= self.fails_after:
            raise ConnectionError("the network is away")
        self.sent += 1
        if name == "start":
            assert document["uid"] not in self, "a double"
            self.run = self[document["uid"]] = Container(self, document)
        elif name == "stop":
            self.run.metadata["stop"] = document


class Container:
    def __init__(self, catalogue: Catalogue, start: dict[str, Any]) -> None:
        self.catalogue, self.metadata = catalogue, {"start": start}

    def delete(self, **_how: bool) -> None:
        del self.catalogue[self.metadata["start"]["uid"]]


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> Catalogue:
    found = Catalogue()
    tiled, plugins = ModuleType("tiled.client"), ModuleType("bluesky_tiled_plugins")
    tiled.from_uri = lambda _url, api_key: found  # type: ignore[attr-defined]
    plugins.TiledWriter = lambda client: client.take  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tiled", ModuleType("tiled"))
    monkeypatch.setitem(sys.modules, "tiled.client", tiled)
    monkeypatch.setitem(sys.modules, "bluesky_tiled_plugins", plugins)
    return found


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return Path(shutil.copy(RUNS_0_1 / "short.h5", tmp_path))


def _publish(*arguments: object) -> int | None:
    order = ["publish", *map(str, arguments), "--to", "http://tiled.lab"]
    code = app_of(["publish"])(order, standalone_mode=False)
    return code if isinstance(code, int) else None


def test_a_run_is_sent_once(catalogue: Catalogue, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _publish(run) == 0
    assert _publish(run, "--json") == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert json.loads(last) == {"published": {str(run): "there already"}, "left": {}}
    [container] = catalogue.values()
    assert container.metadata["stop"]["exit_status"] == "success"


def test_what_was_sent_in_part_is_sent_anew(
    catalogue: Catalogue, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue.fails_after = 3
    assert _publish(run) == 1
    assert "the network is away" in capsys.readouterr().err
    catalogue.fails_after = None
    assert _publish(run) == 0
    assert "sent anew" in capsys.readouterr().out
    [container] = catalogue.values()
    assert "stop" in container.metadata


def test_a_run_that_goes_on_is_not_sent(
    catalogue: Catalogue, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (RUNS_0_1 / "short.journal").read_bytes().splitlines(keepends=True)
    (tmp_path / "live.journal").write_bytes(b"".join(lines[:-1]))
    build_final(tmp_path / "live.h5")
    assert _publish(tmp_path / "live.h5") == 1
    assert "has not ended" in capsys.readouterr().err
    assert not catalogue


def test_without_the_libraries_it_says_what_to_install(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tiled.client", None)
    assert _publish(run) == 2
    assert "solbench[tiled]" in capsys.readouterr().err


@pytest.mark.long
def test_a_real_server_has_each_run_once_and_whole(tmp_path: Path) -> None:
    python = python_with("tiled")
    if python is None:
        pytest.skip("no Tiled can be had from the registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    runs = [shutil.copy(RUNS_0_1 / f"{name}.h5", tmp_path) for name in ("short", "pellet")]
    site = [path for path in sys.path if path.endswith("site-packages")]
    here = os.environ | {"TILED_API_KEY": "secret"}
    there = here | {"PYTHONPATH": os.pathsep.join([*_sources(), str(tmp_path / "late")])}
    (tmp_path / "late").mkdir()
    (tmp_path / "late" / "sitecustomize.py").write_text(f"import sys\nsys.path += {site!r}\n")
    serve = [
        str(Path(python).with_name("tiled")),
        "serve",
        "catalog",
        str(tmp_path / "catalog.db"),
        "--init",
        "--write",
        str(tmp_path / "data"),
        "--write",
        f"duckdb:///{tmp_path / 'tables.duckdb'}",
        "--api-key",
        "secret",
        "--port",
        str(port),
    ]
    with subprocess.Popen(serve, env=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            url = f"http://127.0.0.1:{port}"
            publish = [python, "-m", "solbench", "publish", *runs, "--to", url, "--json"]
            for became in ("sent", "there already"):
                done = subprocess.run(publish, env=there, capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stderr
                assert set(json.loads(done.stdout.splitlines()[-1])["published"].values()) == {became}
            look = (
                "from tiled.client import from_uri\n"
                f"c = from_uri({url!r}, api_key='secret')\n"
                "print(len(c), sorted(len(r) for r in c.values()), all('stop' in r.metadata for r in c.values()))"
            )
            told = subprocess.run([python, "-c", look], env=here, capture_output=True, text=True, check=False)
            assert told.stdout.startswith("2 "), told.stderr
            assert told.stdout.strip().endswith("True")
        finally:
            server.kill()


def _sources() -> list[str]:
    import solbench

    return [str(Path(next(iter(solbench.__path__))).parent)]


def _wait(port: int) -> None:
    until_s = time.monotonic() + 90.0
    while time.monotonic() < until_s:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
        except OSError:
            time.sleep(0.3)
        else:
            return
    raise AssertionError("the server does not answer")
