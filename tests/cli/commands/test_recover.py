"""`solbench recover` beside a program that writes the run."""

from __future__ import annotations

from typer.testing import CliRunner

from solbench.acquisition.record.journal import Journal, journal_path
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
