"""`solbench recover` beside a program that writes the run."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from solbench.acquisition.queue.standing import ending
from solbench.acquisition.record.beside.packed import packed_path
from solbench.acquisition.record.journal import Journal, journal_path
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.run.pack import pack
from solbench.analysis.history.beginning import beginning_of
from solbench.analysis.report.contents import read_contents
from solbench.cli.whole import app
from solbench.gui.models.runs.overview import overview
from solbench.protocols import load_cell, load_protocol
from solbench.protocols.errors import BadInput
from tests.acquisition.runs import SHORT, request, run_it


def test_the_file_of_a_run_that_is_being_written_is_left_alone(tmp_path):
    run = tmp_path / "a.h5"
    run_it(request(run, SHORT))
    run.write_bytes(b"the live file")
    journal, _ = Journal.reopen(journal_path(run))
    refused = CliRunner().invoke(app, ["recover", str(run)])
    journal.close()
    assert refused.exit_code == 2
    assert "another program is writing this run" in refused.stderr
    assert run.read_bytes() == b"the live file"
    assert CliRunner().invoke(app, ["recover", str(run)]).exit_code == 0
    assert run.read_bytes()[:4] == b"\x89HDF"


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in range(1, 20))])
def test_a_damage_is_told_and_a_torn_end_is_none(tmp_path, seed):
    draw, run = random.Random(seed), tmp_path / "a.h5"
    run_it(request(run, SHORT))
    journal = journal_path(run)
    lines = journal.read_bytes().splitlines(keepends=True)
    number = draw.randint(5, len(lines) - 3)  # of a record behind the header, not among the last
    line = bytearray(lines[number])
    line[draw.randrange(len(line) - 1)] ^= draw.choice([1, 2, 4])
    journal.write_bytes(b"".join([*lines[:number], bytes(line), *lines[number + 1 :]]))
    kept = CliRunner().invoke(app, ["recover", str(run)])
    assert kept.exit_code == 2
    assert "stays as it is" in kept.stderr
    assert open_run(run).completed  # it was made when the journal was whole

    run.unlink()
    behind = len(lines) - 1 - number
    for _ in ("from the journal", "from the file that recover has made of it"):
        _every_reader_says_so(run, f"damaged at record {number}, and the {behind} whole records after it")
        told = CliRunner().invoke(app, ["recover", str(run)])
        assert told.exit_code == 1
        assert "not completed" in told.stdout
        assert f"damaged at record {number}, and the {behind} whole" in told.stderr

    run.unlink()
    journal.write_bytes(b"".join(lines[:number]) + lines[number][: draw.randrange(1, len(lines[number]))])
    torn = CliRunner().invoke(app, ["recover", str(run)])
    assert torn.exit_code == 0
    assert torn.stderr == "" or "damaged" not in torn.stderr


def _every_reader_says_so(run: Path, words: str) -> None:
    """Hold what each part of the program says of a run whose journal is damaged against these words."""
    summary = CliRunner().invoke(app, ["summary", str(run), "--json"])
    assert summary.exit_code == 1
    said = json.loads(summary.stdout)
    assert words in said["end_reason"]
    assert said["damage"]["behind"] > 0
    assert "DAMAGED: " in CliRunner().invoke(app, ["summary", str(run)]).stdout
    assert (ending(run).kind, words in ending(run).text) == ("damaged", True)
    row = overview(run if run.exists() else journal_path(run))
    assert row.state == "! damaged"
    assert words in row.reason
    exported = CliRunner().invoke(
        app, ["export", str(run), "--format", "csv", "-o", str(run.with_suffix(f".{run.exists()}"))]
    )
    assert (exported.exit_code, words in exported.stderr) == (1, True)
    assert any(words in each for each in read_contents([journal_path(run)])[0].withheld)  # a report's
    resumed = CliRunner().invoke(app, ["resume", str(run)])
    assert (resumed.exit_code, words in resumed.stderr) == (2, True)
    with pytest.raises(BadInput, match=words):
        beginning_of(
            str(journal_path(run)), run.parent, load_protocol("half-cell"), load_cell("nbh"), simulated=None
        )


@pytest.mark.parametrize("part", [0.6, 0.75, 0.97])
def test_a_packed_journal_that_was_damaged_is_never_a_run_that_broke_off(tmp_path, part):
    run = tmp_path / "a.h5"
    run_it(request(run, SHORT))
    pack(run)
    packed = packed_path(journal_path(run))
    data = bytearray(packed.read_bytes())
    data[int(part * len(data))] ^= 0x41
    packed.write_bytes(data)
    told = CliRunner().invoke(app, ["recover", str(run)])
    assert told.exit_code != 0
    assert "damaged" in told.stderr
