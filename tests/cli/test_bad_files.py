"""Every command with every kind of file that it cannot use: one paragraph, exit code 2, and nothing is left behind.

The commands and what they take are read from the program's own table: a new one is tried without being named here.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import pytest
import typer.main

from solbench.cli.main import main
from solbench.cli.whole import app
from tests.acquisition.runs import RUNS_0_1
from tests.tiers import few

READ = {
    "RUN",
    "[RUN]",
    "RUN...",
    "PROTOCOL",
    "[PROTOCOL]",
    "CELL",
    "BENCH",
    "FILE",
    "FILE...",
    "SCENARIO",
    "DIALOGUE",
}
WRITTEN = {"RUN.h5", "OUT.yaml", "REPORT.html", "FILE.html", "FILE.zip", "PAGE"}
WRITTEN_BY_NAME = {"--write", "--bench-out", "--table", "--figure"}
NO_FILE = {"--mounted"}  # a name
MADE_IF_ABSENT = {"--world"}
ANY_TEXT = {"--password-file", "--key-file"}  # its first line is a secret, whatever it says
IS_ABSENT = {"absent", "empty", "dangling", "journal of noise", "empty journal"}
HOLDS_NO_LINE = {
    "absent",
    "folder",
    "fifo",
    "empty",
    "noise",
    "dangling",
    "journal of noise",
    "empty journal",
}
GOOD = {
    "PROTOCOL": "half-cell",
    "[PROTOCOL]": "half-cell",
    "BENCH": "simulated",
    "CELL": "nbh",
    "RUN.h5": "new.h5",
    "OUT.yaml": "new.yaml",
    "REPORT.html": "new.html",
    "FILE.html": "new.html",
    "BUILD": "half",
    "DIR": "new",
    "FORMAT": "csv",
    "RUN": "good.h5",
    "RUN...": "good.h5",
    "FILE...": "good.h5",
    "FILE": "good.json",
    "DIALOGUE": "good.dialogue",
    "ID": "1",
    "[ID]": "A-17",
    "BROKER": "127.0.0.1:1",
    "URL": "http://127.0.0.1:1",
}


class Given(NamedTuple):
    """A parameter of a command that names a file."""

    command: tuple[str, ...]
    option: str  # "" for an argument
    metavar: str
    before: tuple[str, ...]  # the arguments that come first
    others: tuple[str, ...]  # what else the command needs

    def order(self, name: str) -> list[str]:
        """Return the command line with this name."""
        given = [self.option, name] if self.option else [name]
        return [*self.command, *self.before, *given, *self.others]


def commands(found: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with its name."""
    if not hasattr(found, "commands"):
        yield name, found
        return
    for word, below in found.commands.items():
        yield from commands(below, (*name, word))


def parameters() -> Iterator[Given]:
    """Yield every parameter that has a name for what it takes, with what is needed beside it."""
    for name, command in commands(typer.main.get_command(app)):
        named = [one for one in command.params if one.metavar]
        for one in named:
            before: list[str] = []
            others: list[str] = []
            for place, other in enumerate(named):
                needed = (
                    other.required or other.metavar in ("[PROTOCOL]", "[ID]") or other.opts[0] == "--cell"
                )
                if other is not one and needed:
                    good = GOOD[other.metavar]
                    if other.param_type_name != "argument":
                        others += [other.opts[0], good]
                    elif one.param_type_name == "argument" and place < named.index(one):
                        before.append(good)
                    else:
                        others.append(good)
            yield Given(
                name,
                "" if one.param_type_name == "argument" else max(one.opts, key=len),
                one.metavar,
                tuple(before),
                tuple(others),
            )


ALL = list(parameters())
INPUTS = [one for one in ALL if one.metavar in READ and one.option not in WRITTEN_BY_NAME | NO_FILE]
# practice writes a bench file only where it is to serve one.
OUTPUTS = [
    one
    for one in ALL
    if one.metavar in WRITTEN
    or one.option in ("--table", "--figure")
    or (one.option == "--bench-out" and one.command != ("practice",))
]


def foreign(path: Path) -> None:
    """Write an HDF5 file of another program, with some names like ours."""
    with h5py.File(path, "w") as file:
        file.create_group("entry/events").create_dataset("time", data=[1.0, 2.0])
        file["entry"].attrs["NX_class"] = "NXentry"


def truncated(path: Path) -> None:
    """Write the first half of a run file."""
    whole = (RUNS_0_1 / "short.h5").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


KINDS: dict[str, Callable[[Path], object]] = {
    "absent": lambda path: None,
    "folder": Path.mkdir,
    "fifo": os.mkfifo,
    "empty": Path.touch,
    "zeros": lambda path: path.write_bytes(bytes(3000)),
    "noise": lambda path: path.write_bytes(random.Random(5).randbytes(3000)),
    "text": lambda path: path.write_text("Dear reader,\nthis is a letter: it has\ttabs, and 3.5 numbers.\n"),
    "latin-1": lambda path: path.write_bytes("name: M\xfcller\nkind: rest\n".encode("latin-1")),
    "yaml list": lambda path: path.write_text("- 1\n- 2\n"),
    "truncated": truncated,
    "foreign": foreign,
    "dangling": lambda path: path.symlink_to("nowhere"),
    "journal of noise": lambda path: path.with_suffix(".journal").write_bytes(b"noise\n" * 100),
    "empty journal": lambda path: path.with_suffix(".journal").touch(),
}


class Said(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def say(tmp_path, monkeypatch, capfd) -> Callable[[list[str]], Said]:
    """Give what carries out a command in a folder that holds a good run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / ".state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    shutil.copy(RUNS_0_1 / "short.h5", tmp_path / "good.h5")

    def carried_out(order: list[str]) -> Said:
        monkeypatch.setattr(sys, "argv", ["solbench", *order])
        with pytest.raises(SystemExit) as left:
            main()
        out, err = capfd.readouterr()
        assert isinstance(left.value.code, int)
        return Said(left.value.code, out, err)

    return carried_out


def files_in(folder: Path) -> set[str]:
    """Return what lies in a folder."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("[!.]*")
        if not str(path.relative_to(folder)).startswith(".")
    }


def is_refused(said: Said) -> None:
    """Check that there is one paragraph, no traceback, and exit code 2."""
    assert "Traceback" not in said.err
    paragraphs = [line for line in said.err.splitlines() if line and not line.startswith("SIMULATION")]
    assert len(paragraphs) == 1, said
    assert paragraphs[0].startswith("solbench: ")
    assert len(paragraphs[0]) < 500
    assert said.code == 2, said
    assert said.out == ""


def test_every_parameter_that_names_a_file_is_known():
    known = READ | WRITTEN | set(GOOD) | {"PATH=VALUE", "ADDRESS", "TIME", "FREQUENCY", "VOLTAGE", "S"}
    known |= {
        "NAME=VALUE",
        "CIRCUIT",
        "modulus|unit",
        "N",
        "NAME",
        "127.0.0.1:PORT",
        "F,G",
        "G",
        "LENGTH",
        "AREA",
    }
    known |= {"AMPLITUDE", "I", "[BENCH]", "MASS", "FIELD=VALUE", "TEXT", "V", "Q", "T"}
    known |= {
        "[RUN] FIELD=VALUE...",
        "STEP",
        "[ADDRESS]...",
        "FREQUENCY,...",
        "STATE",
        "CHARGE",
        "RUN|ID",
        "[ID]",
        "KIND,...",
        "CELL_ID",
        "ID...",
        "TEMPLATE",
        "TAG",
        "NAME,...",
        "[FOLDER]",
    }
    assert {one.metavar for one in ALL} <= known
    arguments = [one for _, command in commands(typer.main.get_command(app)) for one in command.params]
    for one in arguments:
        if one.param_type_name == "argument":
            assert one.metavar.startswith("[") != one.required, one.metavar
    assert len(INPUTS) > 20
    assert len(OUTPUTS) > 5


def name_of(given: Given) -> str:
    """Return a parameter as the command line has it."""
    return " ".join((*given.command, given.option or given.metavar))


def refuse(given: Given, kinds: Iterable[str], say: Callable[[list[str]], Said], folder: Path) -> None:
    """Try a parameter with some kinds of file."""
    ending = ".h5" if "RUN" in given.metavar or given.metavar == "FILE..." else ".yaml"
    for kind in kinds:
        if given.option in MADE_IF_ABSENT and kind in IS_ABSENT:
            continue
        if given.option in ANY_TEXT and kind not in HOLDS_NO_LINE:
            continue
        path = folder / f"bad{ending}"
        KINDS[kind](path)
        before = files_in(folder)
        said = say(given.order(path.name))
        try:
            is_refused(said)
            assert path.stem in said.err or given.command == ("resume",)  # says first that no run is named
            assert files_in(folder) == before
        except AssertionError as error:
            pytest.fail(f"{name_of(given)}, {kind}: {said}\n{error}")
        for left in folder.glob("bad*"):
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()


@few("given", INPUTS, range(0, len(INPUTS), 3), ids=name_of)
def test_a_file_that_cannot_be_used_is_refused(given, say, tmp_path):
    refuse(given, random.Random(name_of(given)).sample(sorted(KINDS), 3), say, tmp_path)


def test_no_command_waits_for_somebody_to_write_into_a_pipe(say, tmp_path):
    for given in INPUTS:
        refuse(given, ["fifo"], say, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("given", INPUTS, ids=name_of)
def test_every_kind_of_file_that_cannot_be_used_is_refused(given, say, tmp_path):
    refuse(given, KINDS, say, tmp_path)


@few("given", OUTPUTS, range(0, len(OUTPUTS), 2), ids=name_of)
def test_a_place_that_cannot_be_written_is_refused(given, say, tmp_path):
    ending = Path(GOOD.get(given.metavar, "new.yaml")).suffix
    (tmp_path / f"folder{ending}").mkdir()
    (tmp_path / f"there{ending}").write_text("kept")
    (tmp_path / "file").touch()
    before = files_in(tmp_path)
    for name in (f"no/such/folder/bad{ending}", f"folder{ending}", f"there{ending}", f"file/bad{ending}"):
        said = say(given.order(name))
        try:
            is_refused(said)
            assert files_in(tmp_path) == before
            assert (tmp_path / f"there{ending}").read_text() == "kept"
        except AssertionError as error:
            pytest.fail(f"{given.command} {given.option} {name}: {said}\n{error}")


def test_one_kind_of_file_given_as_another_is_told_so(say, tmp_path):
    (tmp_path / "bench.yaml").write_text("name: b\nkind: simulated\npositive_terminal: we_re2\n")
    (tmp_path / "cell.yaml").write_text("name: c\nelectrolyte: {formula: NaCl}\n")
    (tmp_path / "protocol.yaml").write_text("name: p\nbuild: half\nsteps: []\n")
    for order, what in (
        (["check", "good.h5", "--cell", "nbh"], "an HDF5 file, such as a run file"),
        (["check", "cell.yaml", "--cell", "nbh"], "a cell record, and a protocol is wanted"),
        (["check", "bench.yaml", "--cell", "nbh"], "a bench file, and a protocol is wanted"),
        (["check", "half-cell", "--cell", "protocol.yaml"], "a protocol, and a cell record is wanted"),
        (
            ["run", "half-cell", "--cell", "nbh", "--bench", "cell.yaml"],
            "a cell record, and a bench file is wanted",
        ),
    ):
        said = say(order)
        is_refused(said)
        assert what in said.err


QUANTITIES = {
    "FREQUENCY",
    "FREQUENCY,...",
    "TIME",
    "LENGTH",
    "AREA",
    "MASS",
    "I",
    "V",
    "Q",
    "T",
    "VOLTAGE",
} | {
    "STATE",
    "CHARGE",
}
ASKED_OF_A_RUN = {"hold", "spectrum"}  # whose engine reads it
WINDOW = ["--build", "half", "--voltage-min=0.1V", "--voltage-max=2V"]
NEEDED = {
    "fit --diameter": ["--thickness", "1 mm"],
    "fit --area": ["--thickness", "1 mm"],
    "fit --thickness": ["--diameter", "10 mm"],
    "manual": [*WINDOW, "--current=1uA", "--for=1min"],
    "manual --voltage": [*WINDOW, "--current-limit=1uA", "--for=1min"],
    "manual --current-limit": [*WINDOW, "--voltage=1V", "--for=1min"],
    "manual --at-most": WINDOW,
    "thermometer --for": ["--ice"],
}


@pytest.mark.parametrize(
    "given",
    [one for one in ALL if one.metavar in QUANTITIES and one.command[0] not in ASKED_OF_A_RUN],
    ids=name_of,
)
def test_a_number_without_its_unit_is_refused(given, say, tmp_path):
    number = random.Random(name_of(given)).choice(["50", "0,2", "1.5e-3", "+7.0", "1200"])
    needed = NEEDED.get(name_of(given), NEEDED.get(given.command[0], []))
    others = [one for one in needed if not one.startswith(f"{given.option}=")]
    before = files_in(tmp_path)
    said = say([*given.order(number), *others])
    is_refused(said)
    assert f"'{number}' has no unit" in said.err
    assert "Write" in said.err
    assert files_in(tmp_path) == before
