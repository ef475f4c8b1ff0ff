"""Following a run that grows: everything comes once, in order, whatever it is read from."""

import sys

import numpy as np
import pytest

from solbench.acquisition.record import follow
from solbench.acquisition.record.follow import Deduplicator, FileRows, JournalRows, LiveRows, News
from solbench.acquisition.record.journal import read_journal
from solbench.acquisition.record.live_file import EVENT_BYTES, LiveFile
from solbench.acquisition.record.reader import open_run
from solbench.acquisition.record.rows import Rows
from tests.acquisition.runs import RUNS_0_1

SHORT = RUNS_0_1 / "short.journal"


@pytest.fixture(scope="module")
def run():
    return open_run(SHORT)


def require_all(news, run):
    assert news.events == run.events
    assert np.concatenate(news.samples).tolist() == run.samples.tolist()
    assert np.concatenate(news.points).tolist() == run.points.tolist()


def taken(follower):
    """Read until there is nothing more."""
    found = News()
    while not (news := follower.read()).empty:
        found.add(news)
    return found


def test_a_journal_is_followed_while_it_grows_record_by_record(tmp_path, run):
    lines = SHORT.read_bytes().splitlines(keepends=True)
    path = tmp_path / "a.journal"
    path.write_bytes(b"")
    follower, found = JournalRows(path, -1, Rows()), News()
    for number, line in enumerate(lines):
        with path.open("ab") as file:
            file.write(line[:-9] if number % 7 == 0 else line)
        if number % 7 == 0:  # a torn record is none
            found.add(taken(follower))
            with path.open("ab") as file:
                file.write(line[-9:])
    found.add(taken(follower))
    require_all(found, run)


@pytest.mark.parametrize("after", [0, 100, 400])
def test_a_journal_is_followed_from_any_record_on(run, after):
    rows = Rows()
    for event in read_journal(SHORT):
        if event.seq <= after:
            rows.see(event)
    found = taken(JournalRows(SHORT, after, rows))
    assert found.events == [event for event in run.events if event.seq > after]
    assert np.concatenate(found.samples).tolist() == run.samples[run.samples["seq"] > after].tolist()


def test_a_live_file_is_followed_and_what_is_too_long_for_it_comes_from_the_journal(tmp_path, run):
    events = list(read_journal(SHORT))
    assert any(len(event.json()) > EVENT_BYTES for event in run.events)
    (tmp_path / "a.journal").write_bytes(SHORT.read_bytes())
    live = LiveFile(tmp_path / "a.h5", events[:200])
    follower = LiveRows(tmp_path / "a.h5")
    found = taken(follower)
    live.append(events[200:])
    live.flush()
    found.add(taken(follower))
    require_all(found, run)
    follower.close()
    live.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a file that a viewer has open is not replaced there")
def test_a_live_file_that_is_made_again_is_read_again_and_given_out_once(tmp_path, run):
    events = list(read_journal(SHORT))
    (tmp_path / "a.journal").write_bytes(SHORT.read_bytes())
    follower, seen, found = LiveRows(tmp_path / "a.h5"), Deduplicator(), News()
    for count in (150, 300, len(events)):
        live = LiveFile(tmp_path / "a.h5", events[:count])
        while not (news := follower.read()).empty:
            found.add(seen.new(news))
        live.close()
    require_all(found, run)
    assert seen.all_below == run.points["seq"][-1]
    follower.close()


def test_a_finished_file_comes_in_blocks_with_its_events_first(run, monkeypatch):
    monkeypatch.setattr(follow, "BLOCK_ROWS", 100)
    follower = FileRows(SHORT.with_suffix(".h5"))
    first = follower.read()
    assert (len(first.samples[0]), len(first.events)) == (100, len(run.events))
    first.add(taken(follower))
    require_all(first, run)
    rest = taken(FileRows(SHORT.with_suffix(".h5"), 250))
    assert np.concatenate(rest.samples).tolist() == run.samples[250:].tolist()
