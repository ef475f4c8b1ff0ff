"""`solbench doctor --bundle`: what is packed is told first, and no name and no path is left where that is asked."""

from __future__ import annotations

import dataclasses
import getpass
import gzip
import socket
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.run.replay import replay
from solbench.acquisition.run.start import resume
from solbench.cli.commands.dialogues.bundle import parts_of
from solbench.cli.commands.dialogues.private import bench_without, without
from solbench.cli.whole import app
from solbench.protocols import load_cell, parse_cell
from solbench.protocols.cells import dump_cell
from tests.acquisition.runs import SHORT, request, run_it

PERSONS = ("Edda", "Winterhalder", "Quellwasser", "Tapir", "Ferdinand")
BENCH = """
# Edda set this up
name: Quellwasser bench
kind: simulated
positive_terminal: we_re2
dialogue: true
cables: Ferdinand's
simulation: {errors: none}
"""
PROTOCOL = SHORT.replace("name: short", "name: Tapir 12").replace(
    "stack_pressure: unknown}",
    "stack_pressure: unknown, operator: Edda Winterhalder, cell_id: Tapir-7, notes: ask Ferdinand}",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("Winterhalder")
    (folder / "Edda.yaml").write_text(BENCH)
    cell = parse_cell(dump_cell(load_cell("nbh")).replace("name: nbh", "name: Tapir"), "cell")
    wanted = request(folder / "Ferdinand.h5", PROTOCOL, cell, parse_bench(BENCH, "Edda.yaml"))
    run_it(dataclasses.replace(wanted, bench_text=BENCH))
    return folder


def packed(folder: Path, name: str, *more: str) -> dict[str, bytes]:
    arguments = [
        "doctor",
        "--bench",
        str(folder / "Edda.yaml"),
        "--dialogue",
        str(folder / "Ferdinand.dialogue"),
    ]
    told = CliRunner().invoke(app, [*arguments, "--bundle", str(folder / name), *more])
    assert told.exit_code in (0, 1), told.stderr
    with zipfile.ZipFile(folder / name) as bundle:
        found = {one: bundle.read(one) for one in bundle.namelist()}
    assert all(f"  {one} (" in told.stderr for one in found)  # each is told before
    return found


def test_the_bundle_holds_everything(folder: Path) -> None:
    found = packed(folder, "whole.zip", "--yes")
    assert set(found) == {"versions.txt", "doctor.txt", "bench.yaml", "run.dialogue"}
    assert found["bench.yaml"].decode() == BENCH
    assert found["run.dialogue"] == (folder / "Ferdinand.dialogue").read_bytes()
    assert b"solbench 0" in found["versions.txt"]


def test_no_name_and_no_path_is_left_and_the_dialogue_can_be_replayed(folder: Path) -> None:
    found = packed(folder, "left.zip", "--yes", "--anonymous")
    found["run.dialogue"] = gzip.decompress(found["run.dialogue"])
    here = (getpass.getuser(), socket.gethostname(), str(Path.home()), str(folder), "pytest")
    for name, content in found.items():
        text = content.decode()
        for private in (*PERSONS, *here):
            if private != "root" or name != "run.dialogue":
                assert private.lower() not in text.lower(), (name, private)
    (folder / "again.dialogue").write_bytes(gzip.compress(found["run.dialogue"]))
    again = replay(folder / "again.dialogue", folder / "left.h5", RunControl())
    assert (again.is_same, again.over) == (True, "")


def test_a_later_session_is_packed_with_what_it_goes_on_from(tmp_path: Path) -> None:
    control = RunControl()
    wanted = dataclasses.replace(request(tmp_path / "a.h5", SHORT), dialogue=True)
    run_it(wanted, lambda event: control.request("enough") if event.seq == 14 else None, run_control=control)
    assert resume(tmp_path / "a.h5", RunControl(), dialogue=True).completed
    later = tmp_path / "a.2.dialogue"
    parts = {part.name: part.content for part in parts_of("", None, later, anonymous=False)}
    for name in ("run.2.dialogue", "run.journal"):
        (tmp_path / name).write_bytes(parts[name])
    again = replay(tmp_path / "run.2.dialogue", tmp_path / "b.h5", RunControl())
    assert (again.is_same, again.over) == (True, "")
    nameless = {part.name: str(part) for part in parts_of("", None, later, anonymous=True)}
    assert set(nameless) == {"doctor.txt", "run.dialogue"}
    assert "cannot be replayed without the journal" in nameless["run.dialogue"]


def test_nothing_is_written_unasked_and_nothing_overwritten(folder: Path) -> None:
    asked = CliRunner().invoke(app, ["doctor", "--bundle", str(folder / "no.zip")])
    assert asked.exit_code == 2
    assert "Add --yes" in asked.stderr
    assert not (folder / "no.zip").exists()
    (folder / "there.zip").touch()
    there = CliRunner().invoke(app, ["doctor", "--bundle", str(folder / "there.zip"), "--yes"])
    assert (there.exit_code, "never overwritten" in there.stderr) == (2, True)


def test_what_leads_to_a_place_is_left_out_of_texts_and_bench_files() -> None:
    said = without(r"C:\Users\Edda\lab /home/edda/x.yaml 192.168.4.7 edda@uni.example Eddas EDDA", ["edda"])
    assert said == "(path) (path) (host) (host) Eddas (name)"
    text = "name: a\nkind: serial\npositive_terminal: ce_re1\nanalyzer_1260: {address: /dev/serial/by-id/usb-X}\n"
    left = bench_without(text + "potentiostat_1287: {address: COM3}\n")
    assert "by-id" not in left
    assert parse_bench(left, "b").kind == "serial"
