"""The program itself: its version, its help, and what it says to a command that there is not."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

import solbench as package
from solbench.cli import commands
from solbench.cli.main import COMMANDS, COMPLETING, SHELLS, SUBCOMMANDS, app_of, help_of, main
from solbench.cli.whole import MODULES, app
from tests.end_to_end.programs import solbench
from tests.tiers import few

VERSION = re.search(r'__version__ = "(.*)"', Path(package.__file__).read_text("utf-8"))[1]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_is_given_what_completes(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    app_of([])(["--completion", shell], standalone_mode=False)
    assert COMPLETING in capsys.readouterr().out


def asked(shell: str, typed: str) -> dict[str, str]:
    """Return what a shell puts into the environment to ask how a line that ends at the cursor may go on."""
    words = typed.split(" ")
    if shell == "bash":
        return {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1)}
    if shell == "powershell":
        return {"_TYPER_COMPLETE_ARGS": typed.rstrip(), "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1]}
    return {"_TYPER_COMPLETE_ARGS": typed, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}


@pytest.mark.parametrize("shell", SHELLS)
@few(
    "typed",
    ["pa", "run", "runs", "queue", "make-", "queue ", "queue re", "tag --rem", "run --see"],
    (4, 6, 7),
)
def test_a_line_is_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shell: str, typed: str
) -> None:
    *before, begun = typed.split(" ")
    queued = [line.removeprefix("queue ") for line in SUBCOMMANDS if line.startswith("queue ")]
    offered = {(): [*COMMANDS], ("queue",): queued, ("tag",): ["--remove"], ("run",): ["--seed"]}[
        tuple(before)
    ]
    expected = {name for name in offered if name.startswith(begun)}
    for name, value in {COMPLETING: f"complete_{shell}", **asked(shell, f"solbench {typed}")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["solbench"])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr().out.replace("_arguments '*: :((", "")
    assert {
        line.strip('"').split('"')[0].split("\t")[0].split(":::")[0] for line in told.split("\n") if line
    } == expected


def test_without_docstrings_there_are_the_commands_still() -> None:
    command = [sys.executable, "-OO", "-m", "solbench", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in COMMANDS)


def test_the_version_is_the_packages():
    command = [sys.executable, "-m", "solbench", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"solbench {VERSION}\n", "")


def test_without_a_command_the_help_is_shown(tmp_path):
    done = solbench(tmp_path)
    assert done.code == 2
    assert "make-safe" in "\n".join(done.out) + done.err


@pytest.mark.parametrize(
    ("arguments", "named", "asked"),
    [
        (("rum",), "rum", ""),
        (("run", "--spede", "2"), "--spede", " run"),
        (("run",), "PROTOCOL", " run"),
        (("runs", "--columns"), "--columns", " runs"),  # this error does not know its command
        (("queue", "list", "--bench"), "--bench", " queue list"),
        (("queue", "lost"), "lost", " queue"),
    ],
)
def test_a_mistake_is_one_paragraph_and_exit_code_2(tmp_path, arguments, named, asked):
    done = solbench(tmp_path, *arguments)
    assert (done.code, done.out) == (2, [])
    assert done.err.startswith("solbench: ")
    assert done.err.count("\n") == 1
    assert named in done.err
    assert f"See 'solbench{asked} --help'" in done.err


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    group: Any = typer.main.get_command(app)
    assert {name: help_of(name) for name in COMMANDS} == {
        name: found.help.partition("\f")[0] for name, found in group.commands.items()
    }


@pytest.mark.parametrize(
    ("words", "without"),
    [
        pytest.param(
            "--help",
            {"numpy", "h5py", "pyvisa", "solbench.simulators", "solbench.cli.commands.run"},
            marks=pytest.mark.long,
        ),
        ("runs FOLDER", {"numpy", "h5py", "yaml", "solbench.acquisition.record.events"}),
        pytest.param(
            "summary -h",
            {"numpy", "h5py", "yaml", "solbench.acquisition.record.events"},
            marks=pytest.mark.long,
        ),
        pytest.param(
            "check half-cell --cell nbh",
            {"numpy", "h5py", "solbench.acquisition.engine"},
            marks=pytest.mark.long,
        ),
        pytest.param(
            "run -h", {"numpy", "h5py", "yaml", "solbench.acquisition.record.events"}, marks=pytest.mark.long
        ),
        pytest.param(
            "run half-cell --help",
            {"numpy", "h5py", "yaml", "solbench.acquisition.record.events"},
            marks=pytest.mark.long,
        ),
        (  # what begins a run, but for a scenario's
            "run half-cell",
            {"scipy", "matplotlib", "pyvisa", "solbench.simulators", "solbench.acquisition.bench.scenario"},
        ),
    ],
)
def test_what_is_to_be_there_at_once_imports_little(
    tmp_path, monkeypatch, words: str, without: set[str]
) -> None:
    monkeypatch.setenv("SOLBENCH_STATE", str(tmp_path / "state"))
    arguments = [str(tmp_path) if word == "FOLDER" else word for word in words.split()]
    code = (
        f"import sys; sys.argv[1:] = {arguments}; from solbench.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not without & {*done.stdout.split()}


def test_what_a_run_works_with_is_loaded_before_garbage_is_looked_for():
    """A command may import what it needs in its function, for the sake of its help; then it names that."""
    code = (
        "import ast, inspect, sys; from solbench.cli.main import loaded; loaded({'run'})\n"
        "from solbench.cli.commands import run\n"
        "parts = ast.walk(ast.parse(inspect.getsource(run.command)))\n"
        "print(*[each.module for each in parts if isinstance(each, ast.ImportFrom) and each.module not in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_every_module_of_a_command_is_in_the_table():
    named = {place.partition(":")[0] for place, _ in COMMANDS.values()}
    folder = Path(commands.__file__).parent
    found = {
        ".".join(path.relative_to(folder).with_suffix("").parts): path.read_text("utf-8")
        for path in folder.rglob("*.py")
    }
    assert named == {module.__name__.removeprefix(f"{commands.__name__}.") for module in MODULES}
    assert named <= set(found)
    assert named >= {name for name, text in found.items() if re.search("^(def command|app = )", text, re.M)}


def test_a_command_imports_nothing_of_the_others():
    """`stop` and `make-safe` are in a hurry: no run file, no plot, no simulated bench."""
    code = (
        "import sys; sys.argv[1:] = ['stop', 'nothing']; from solbench.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"h5py", "PySide6", "scipy", "solbench.simulators", "solbench.cli.inputs"} & {
        *done.stdout.split()
    }


@few("name", COMMANDS, range(0, len(COMMANDS), 4))
def test_the_help_of_every_command_shows_an_example_that_it_takes_and_the_exit_codes(name):
    shown = CliRunner().invoke(app, [name, "-h"], env={"COLUMNS": "200"})
    text = " ".join(shown.output.split())
    assert shown.exit_code == 0
    assert f"Example: solbench {name}" in text
    assert "Exit code: 0 completed" in text
    if name in COMMANDS:
        example = COMMANDS[name][1]
        assert " ".join(shlex.split(example))[:20] in text.replace("'", "")
        command = typer.main.get_command(app).commands[name]
        command.make_context(name, shlex.split(example))  # raises where it does not take that


@few("name", SUBCOMMANDS, range(0, len(SUBCOMMANDS), 4))
def test_the_help_of_every_command_in_a_group_shows_an_example(name):
    group, one = name.split()
    shown = CliRunner().invoke(app, [group, one, "-h"], env={"COLUMNS": "200"})
    assert f"Example: solbench {name} {SUBCOMMANDS[name]}".strip() in " ".join(shown.output.split())


def test_every_command_in_a_group_has_an_example():
    groups = typer.main.get_command(app).commands
    found = {f"{name} {one}" for name, group in groups.items() for one in getattr(group, "commands", {})}
    assert found == set(SUBCOMMANDS)
