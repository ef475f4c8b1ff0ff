"""`solbench instruments`: findings on the screen and as JSON, and the bench file that is written of them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from solbench.acquisition.bench.bench_file import parse_bench
from solbench.cli.commands import instruments
from solbench.cli.whole import app
from solbench.drivers.links import discovery
from solbench.protocols.errors import BadInput
from tests.drivers.adapter import Adapter, Device, on_tcp

FRA = Device({"*IDN?": b"SCHLUMBERGER TECHNOLOGIES, 1260 IMPEDANCE ANALYZER, 0, 0\r\n", "?ER": b"00\r\n"})
PSTAT = Device({"?VN": b"1.20\r\n", "?ER": b"00\r\n"})
BENCH = """
name: lab
kind: prologix
adapter: {adapter}
positive_terminal: we_re2
analyzer_1260: {{address: 4}}
potentiostat_1287: {{address: {pstat}}}
"""


@pytest.fixture(autouse=True)
def _only_what_is_named(monkeypatch):
    monkeypatch.setattr(discovery, "ANSWER_S", 0.1)
    monkeypatch.setattr(instruments, "serial_candidates", list)
    monkeypatch.setattr(instruments, "_visa", list)


@pytest.fixture
def adapter():
    with on_tcp(Adapter({"4": FRA, "6": PSTAT})) as address:
        yield address


def run(*arguments):
    return CliRunner().invoke(app, ["instruments", *arguments])


def test_both_of_a_bench_answer(adapter, tmp_path):
    bench = tmp_path / "bench.yaml"
    bench.write_text(BENCH.format(adapter=adapter, pstat=6))
    result = run("--bench", str(bench), "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout.splitlines()[-1])
    assert answer["simulated"] is False
    assert answer["instruments"]["1287"]["identity"] == "1287 1.20"
    assert answer["instruments"]["1260"]["last_error"] == 0


def test_the_wrong_instrument_at_an_address_is_named_with_its_cure(adapter, tmp_path):
    bench = tmp_path / "bench.yaml"
    bench.write_text(BENCH.format(adapter=adapter, pstat=4))
    result = run("--bench", str(bench))
    assert result.exit_code == 1
    assert "not a 1287" in result.stdout
    assert "address switches" in result.stdout


def test_what_is_found_becomes_a_bench_file_that_lacks_only_the_terminal(adapter, tmp_path):
    written = tmp_path / "bench.yaml"
    assert run("--find", "--at", adapter, "--write", str(written)).exit_code == 0
    with pytest.raises(BadInput, match="positive terminal"):
        parse_bench(written.read_text(), "bench.yaml")
    bench = parse_bench(written.read_text() + "positive_terminal: ce_re1\n", "bench.yaml")
    assert (bench.kind, bench.adapter) == ("prologix", adapter)
    assert (bench.analyzer_1260.address, bench.potentiostat_1287.address) == (4, 6)


def test_an_existing_file_is_not_touched(tmp_path):
    written = tmp_path / "bench.yaml"
    written.write_text("mine")
    assert run("--find", "--write", str(written)).exit_code == 2
    assert written.read_text() == "mine"


def test_no_bench_is_written_of_one_instrument(tmp_path):
    written = tmp_path / "bench.yaml"
    with on_tcp(Adapter({"4": FRA})) as address:
        result = run("--find", "--at", address, "--write", str(written))
    assert result.exit_code == 2
    assert "no 1287 was found" in result.stderr
    assert not written.exists()
