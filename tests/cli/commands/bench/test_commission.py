"""`solbench commission`: the command, its words and its files."""

import io
import json

import pytest
from typer.testing import CliRunner

from solbench.acquisition.bench.bench_file import load_bench
from solbench.acquisition.bench.commissioning.record import InstrumentRecord
from solbench.acquisition.bench.dialogue.file import DialogueText
from solbench.acquisition.bench.dialogue.lines import Transferred
from solbench.acquisition.commission.itself import ByItself
from solbench.acquisition.commission.parts import DRY_CELL_10K, Mounting
from solbench.cli.commands.bench import commission as command
from solbench.cli.main import app_of
from solbench.cli.terminal import AtTerminal
from solbench.protocols.errors import BadInput
from tests.acquisition.commission.specimens import Careless

APP = app_of(["commission", "check"])


def invoke(*arguments: str):
    return CliRunner().invoke(APP, list(arguments))


def test_a_simulated_unit_is_commissioned_step_by_step(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = invoke("commission", "simulated", "--unit", "12", "--only", "A,C,D,J", "--json")
    assert first.exit_code == 1
    said = json.loads(first.stdout)
    assert said["steps"] == {"A": "passed", "C": "passed", "D": "passed", "J": "passed"}
    assert said["lacks_direct"] == ["I"]
    assert said["lacks_spectra"] == ["E", "F", "G", "H"]
    then = invoke("commission", "unit-12.yaml", "--leave-out", "B,F")
    assert then.exit_code == 1
    assert "for spectra the steps F (lag), G (short and open) and H (dummy cell) are missing" in then.stdout
    bench, _ = load_bench("unit-12.yaml")
    assert bench.record is not None
    assert bench.record.record.steps["F"].remark == "left out as asked"
    assert bench.record.record.dialogue == "unit-12.commissioning.2.dialogue"
    lines = [line for _, line in DialogueText(tmp_path / bench.record.record.dialogue).lines()]
    assert any(isinstance(line, Transferred) and line.data == "RU1" for line in lines)
    verified = invoke("commission", "unit-12.yaml", "--verify")
    assert verified.exit_code == 2
    assert "step H" in verified.stderr


@pytest.mark.parametrize(
    ("text", "permitted"),
    [
        ("model: keithley2400", "direct current is permitted; this bench takes no spectra"),
        ("model: keithley2400_1260", "direct current and spectra of the 1260 alone are permitted"),
        (
            "model: keithley2400_1260\nanalyzer_1260: {settings: {family: 1255B}}\n"
            "simulation: {unit: 3, analyzer: {family: 1255B}}",
            "direct current is permitted; this bench takes no spectra",
        ),
    ],
)
def test_a_bench_permits_no_more_than_it_can_do_and_its_cure_for_a_verification_helps(
    tmp_path, monkeypatch, text, permitted
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b.yaml").write_text(f"name: b\nkind: simulated\n{text}\n", encoding="utf-8")
    made = invoke("commission", "b.yaml", "--by", "A. Tester")
    assert made.stdout.endswith(f": {permitted}\n")
    refused = invoke("commission", "b.yaml", "--verify")
    assert refused.exit_code == 2
    cure = refused.stderr.partition("--only ")[2].rstrip(".\n")
    assert invoke("commission", "b.yaml", "--by", "A. Tester", "--only", cure).exit_code == 0


def test_a_record_that_ships_is_not_gone_on_with_and_one_that_is_damaged_is_begun_anew(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    steps = ("--only", "A", "--json")
    assert json.loads(invoke("commission", "simulated", "--unit", "typical", *steps).stdout)["steps"] == {
        "A": "passed"
    }
    record = tmp_path / "unit-typical.commissioning.json"
    record.write_text(record.read_text().replace("passed", "left_out"))
    assert "its hash does not fit" in invoke("commission", "unit-typical.yaml", *steps).stderr
    assert json.loads(invoke("commission", "unit-typical.yaml", "--anew", *steps).stdout)["steps"] == {
        "A": "passed"
    }


def test_another_part_or_another_instrument_is_not_verified(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert invoke("commission", "simulated", "--unit", "typical", "--only", "A").exit_code == 1
    (tmp_path / "unit-typical.commissioning.json").unlink()
    monkeypatch.setattr(
        command,
        "_operator",
        lambda bench, _control: Careless(ByItself(bench, lambda text: None), {"R-(R||C)": "dry cell"}),
    )
    found = invoke("commission", "unit-typical.yaml", "--verify")
    assert (found.exit_code, "nothing was verified: " in found.stderr, found.stdout) == (1, True, "")
    bench, _ = load_bench("unit-typical.yaml")
    assert bench.record is not None
    other = {"1287": InstrumentRecord(identity="another one")}
    bench.record.record.model_copy(update={"instruments": other}).write(
        tmp_path / "unit-typical.commissioning.json"
    )
    found = invoke("commission", "unit-typical.yaml", "--verify")
    assert (found.exit_code, "this record is of another 1287" in found.stderr) == (2, True)


def test_options_that_do_not_fit_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "there is no step 'X'" in invoke("commission", "simulated", "--only", "X").stderr
    real = tmp_path / "lab.yaml"
    real.write_text(
        "name: lab\nkind: visa\npositive_terminal: we_re2\nanalyzer_1260: {address: 'GPIB0::4::INSTR'}\n"
        "potentiostat_1287: {address: 'GPIB0::6::INSTR'}\n"
    )
    assert "it is not said who" in invoke("commission", str(real)).stderr
    assert "--unit is for a bench" in invoke("commission", str(real), "--unit", "7").stderr


MOUNTING = Mounting("C", DRY_CELL_10K, "we_re2", "no cell may be driven")


def test_a_person_is_shown_what_to_clamp_and_is_waited_for(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("perhaps\ny\nn\n1,553\n\n"))
    polled = []
    terminal = AtTerminal(lambda: polled.append(1))
    assert terminal.mount(MOUNTING)
    shown = capsys.readouterr().out
    assert "WE RE2" in shown.split("(+ dry cell and 10 kohm -)")[0], "the positive end is drawn on its leads"
    assert not terminal.mount(MOUNTING)
    assert "no cell may be driven" in capsys.readouterr().out
    assert terminal.number("Another voltmeter?", "V") == 1.553
    assert terminal.number("Another voltmeter?", "V") is None
    with pytest.raises(BadInput, match="nobody is at the terminal"):
        terminal.mount(MOUNTING)
    assert polled


@pytest.mark.parametrize(
    "options", [("--unit", "x"), ("--unit", "-1"), ("--unit", ""), ("--only", "Z"), ("--leave-out", "A,Z")]
)
def test_what_is_refused_leaves_no_file(tmp_path, monkeypatch, options):
    monkeypatch.chdir(tmp_path)
    for more in ((), ("--anew",), ("--verify",)):
        if "--verify" in more and options[0] != "--unit":
            continue
        found = invoke("commission", "simulated", *options, *more)
        assert (found.exit_code, found.stderr.count("\n")) == (2, 1)
        assert list(tmp_path.iterdir()) == []
