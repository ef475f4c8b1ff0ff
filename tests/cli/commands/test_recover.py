"""`solbench recover` beside a program that writes the run."""

from __future__ import annotations

import random

import pytest
from typer.testing import CliRunner

from solbench.acquisition.record.beside.packed import packed_path
from solbench.acquisition.record.journal import Journal, journal_path
from solbench.acquisition.run.pack import pack
from solbench.cli.whole import app
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


@pytest.mark.parametrize("seed", range(3))
def test_a_damage_is_told_and_a_torn_end_is_none(tmp_path, seed):
    draw, run = random.Random(seed), tmp_path / "a.h5"
    run_it(request(run, SHORT))
    journal = journal_path(run)
    lines = journal.read_bytes().splitlines(keepends=True)
    number = draw.randint(5, len(lines) - 3)  # of a record behind the header, not among the last
    line = bytearray(lines[number])
    line[draw.randrange(len(line) - 1)] ^= draw.choice([1, 2, 4])
    journal.write_bytes(b"".join([*lines[:number], bytes(line), *lines[number + 1 :]]))
    told = CliRunner().invoke(app, ["recover", str(run)])
    assert told.exit_code == 1
    assert "not completed" in told.stdout
    assert f"is damaged behind record {number}: up to {len(lines) - number} whole" in told.stderr

    journal.write_bytes(b"".join(lines[:number]) + lines[number][: draw.randrange(1, len(lines[number]))])
    torn = CliRunner().invoke(app, ["recover", str(run)])
    assert torn.exit_code == 0
    assert torn.stderr == "" or "damaged" not in torn.stderr


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
