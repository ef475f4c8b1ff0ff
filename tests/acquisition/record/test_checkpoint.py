"""A checkpoint says the same as the journal that it was thinned from, wherever either breaks off."""

from __future__ import annotations

import math
import random
import shutil
from dataclasses import replace
from pathlib import Path
from unittest import mock

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.control.run_control import RunControl
from solbench.acquisition.control.verbs import Verb
from solbench.acquisition.errors import JournalDamaged
from solbench.acquisition.record import checkpoint as checkpoints
from solbench.acquisition.record.checkpoint import CheckpointWriter, checkpoint_path, read_checkpoint, reopen
from solbench.acquisition.record.events import KINDS, Event, Header, Records, SegmentStart
from solbench.acquisition.record.journal import Journal, damage_of, journal_path, read_journal
from solbench.acquisition.record.progress import Progress, fold
from solbench.acquisition.record.reader import from_journal
from solbench.acquisition.record.rows import Rows, ranges_of
from solbench.acquisition.record.storage_thread import Storage
from solbench.acquisition.run.session import Session
from solbench.acquisition.run.start import resume
from solbench.protocols.segments import ConstantCurrent, Rest, StepRef
from tests.acquisition.asked import DESODIATION, SODIATION, SOON, Killed, asking, nth_sample, sessions
from tests.acquisition.runs import RUNS_0_1, TINY, request, run_it
from tests.records import body
from tests.tiers import few

JOURNALS = ["short", "dc", "pellet", "killed"]
SEGMENTS = [
    kind(StepRef(step, f"step {step}", "kind", "", step % 3), *rest)
    for step in range(3)
    for kind, rest in ((Rest, (1.0, ())), (ConstantCurrent, (1e-4 * (step - 1.5), ())))
]


def journal_of(path: Path, events: list[Event]) -> Path:
    """Write a journal of these records."""
    path.unlink(missing_ok=True)
    made = Journal.create(path)
    for event in events:
        made.append(event.time_s, event.body)
    made.close()
    return path


def check_point(journal: Path, rng: random.Random) -> None:
    """Write the checkpoint of a journal, in several sessions and with marks at random places."""
    events = list(read_journal(journal))
    at = 0
    while at < len(events):
        writer = CheckpointWriter(journal, read_checkpoint(journal) if at else None)
        for _ in range(rng.randint(1, 4)):
            after = min(len(events), at + rng.choice([1, 2, 3, 20, 200]))
            writer.add(events[at:after])
            at = after
            if rng.random() < 0.5:
                writer.mark()
        writer.close()


def same(journal: Path, told: list[int] | None = None) -> None:
    """Compare what is found with the checkpoint and without."""
    kept = checkpoint_path(journal)
    found, state = from_journal(journal), progress_of(journal)
    hidden = kept.rename(kept.with_suffix(".hidden"))
    whole, full = from_journal(journal), progress_of(journal)
    hidden.rename(kept)
    assert state == full == fold(read_journal(journal))
    assert (found.events, found.sample_count) == (whole.events, whole.sample_count)
    assert (found.steps, found.attempts, found.ranges) == (whole.steps, whole.attempts, whole.ranges)
    assert (found.points.tolist(), found.samples.tolist()) == (whole.points.tolist(), whole.samples.tolist())


def progress_of(journal: Path) -> Progress:
    """Return the state with which a run would be continued."""
    opened = reopen(journal)
    opened.journal.close()
    return opened.progress


@few("name", JOURNALS, 2)
def test_real_journals_cut_anywhere_give_the_same_state_and_the_same_run(name, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "MARK_RECORDS", 17)
    rng = random.Random(name)
    events = list(read_journal(RUNS_0_1 / f"{name}.journal"))
    for _ in range(3):
        journal = journal_of(tmp_path / "a.journal", events[: rng.randint(1, len(events))])
        check_point(journal, rng)
        same(journal)
        data = checkpoint_path(journal).read_bytes()
        checkpoint_path(journal).write_bytes(data[: rng.randint(0, len(data))])  # torn
        same(journal)


@pytest.fixture(scope="module")
def lively(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """Give the records of a run that met it all: a requested spectrum, a pause, a dead program and a limit."""
    path = tmp_path_factory.mktemp("lively") / "r.h5"
    text = TINY.replace("record:", "safety: {voltage_max: 1.5 V}\nrecord:")
    control = RunControl()

    def pausing(event: Event) -> None:
        if event.kind == "sample" and event.body.step == DESODIATION and event.seq % 60 == 0:
            control.ask(Verb.PAUSE, "a test")

    def resuming(event: Event) -> None:
        if event.kind == "paused":
            control.ask(Verb.RESUME, "a test")

    def die(event: Event) -> None:
        if event.kind == "point" and event.body.segment < 0 and event.body.attempt == 1:
            raise Killed

    with sessions() as made, mock.patch.object(Session, "_way_out", lambda _self, ending: ending):
        look = asking(nth_sample((SODIATION, 20)), made, SOON, [])
        with pytest.raises(Killed):
            run_it(request(path, text), look, die)
    made[0].storage.close()
    made[0].journal.close()
    made[0].bench.close()
    events = list(read_journal(journal_path(path)))
    died = max(event.seq for event in events if event.kind == "point")
    journal_of(journal_path(path), events[: died + 1])  # nothing was written of its way out
    resume(path, control, (pausing, resuming))
    return list(read_journal(journal_path(path)))


@pytest.mark.long
def test_a_run_that_met_it_all_is_continued_alike_wherever_its_program_died(lively, tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoints, "MARK_RECORDS", 29)
    seen = {event.kind for event in lively}
    assert {"asked", "paused", "resumed", "gap"} <= seen
    assert lively[-1].body.outcome == "limit"
    rng = random.Random(3)
    about = [
        event.seq + 1 for event in lively if event.kind in ("asked", "paused", "resumed", "gap", "session")
    ]
    for cut in [*about, len(lively), *rng.sample(range(1, len(lively)), 6)]:
        journal = journal_of(tmp_path / "a.journal", lively[:cut])
        checkpoint_path(journal).unlink(missing_ok=True)
        check_point(journal, rng)
        same(journal)


def bodies() -> st.SearchStrategy[object]:
    """Return records of every kind, with what a state depends on drawn at random."""
    number = st.floats(-1.0, 1.0, allow_nan=False)
    small = st.integers(0, 3)

    def drawn(kind: str) -> st.SearchStrategy[object]:
        if kind == "segment":
            return st.builds(SegmentStart, ordinal=small, attempt=small, segment=st.sampled_from(SEGMENTS))
        plain = body(kind)
        names = {"voltage_V", "current_A", "charge_C", "expected_A", "mean_A", "step_charge_C", "duration_s"}
        fields = type(plain).__dataclass_fields__
        given = {name: number for name in names if name in fields}
        given |= {name: small for name in ("segment", "step", "ordinal", "range") if fields.get(name)}
        given |= {
            name: st.booleans() for name in ("connected", "gap", "verified_safe", "paused") if name in fields
        }
        if kind == "segment_end":
            given |= {"segment": st.sampled_from(["Rest", "ConstantCurrent", "Sweep"])}
            given |= {"outcome": st.sampled_from(["done", "step", "interrupted", "aside", "limit"])}
        return st.fixed_dictionaries(given).map(lambda values: replace(plain, **values))

    often = ["sample"] * len(KINDS)
    others = [kind for kind in KINDS if kind not in ("header", "asked")]
    return st.sampled_from(often + others).flatmap(drawn)


@given(st.lists(bodies(), max_size=40), st.integers(0, 1 << 30))
@settings(max_examples=25)
def test_any_sequence_of_records_gives_the_same_state(tmp_path_factory, drawn, seed):
    folder = tmp_path_factory.mktemp("any")
    events = [Event(n, float(n), one) for n, one in enumerate([body("header"), *drawn])]
    journal = journal_of(folder / "a.journal", events)
    check_point(journal, random.Random(seed))
    same(journal)
    shutil.rmtree(folder)


@pytest.fixture
def journal(tmp_path):
    """Give the journal of a run of 500 samples with its checkpoint."""
    made = journal_of(tmp_path / "a.journal", list(read_journal(RUNS_0_1 / "dc.journal"))[:500])
    check_point(made, random.Random(1))
    return made


def test_a_checkpoint_newer_than_the_journal_or_of_another_run_counts_for_nothing(journal):
    whole = journal.read_bytes()
    journal.write_bytes(whole[: len(whole) // 3])  # as after a power cut, or from an older copy
    same(journal)
    assert progress_of(journal).samples < 200
    events = list(read_journal(RUNS_0_1 / "dc.journal"))[:500]
    assert isinstance(events[0].body, Header)
    events[0] = events[0]._replace(body=replace(events[0].body, run="another"))
    journal_of(journal, events)
    assert read_checkpoint(journal) is None


@pytest.mark.parametrize("text", [b"", b"\0" * 4096, b'{"mark":{}}\tbffb8c16\n', b"{}\tnot a checkpoint"])
def test_what_is_no_checkpoint_counts_for_nothing(journal, text):
    checkpoint_path(journal).write_bytes(text)
    same(journal)


def test_a_damage_before_the_checkpoint_is_found_before_a_run_goes_on(journal, monkeypatch):
    *lines, _end = journal.read_bytes().splitlines(keepends=True)
    data = bytearray(b"".join(lines))
    data[len(data) // 2] ^= 1
    journal.write_bytes(data)
    with pytest.raises(JournalDamaged, match="what was done to the cell there is not known"):
        reopen(journal)
    damage = from_journal(journal).damage
    assert damage is not None
    assert damage == damage_of(journal)
    assert damage.behind
    monkeypatch.setattr("solbench.acquisition.record.journal.LOST_S", math.inf)
    opened = reopen(journal)
    opened.journal.close()
    assert opened.checkpoint is None
    assert opened.cut_bytes > 1000
    assert opened.progress == fold(read_journal(journal))


def test_what_the_checkpoint_covers_is_not_read_again(journal, monkeypatch):
    read: list[int] = []
    decode = checkpoints.decode
    monkeypatch.setattr(
        "solbench.acquisition.record.journal.decode",
        lambda line, seq: read.append(len(line)) or decode(line, seq),
    )
    from_journal(journal)
    assert len(read) < 5
    progress_of(journal)
    assert len(read) < 10


def test_a_disk_that_takes_no_checkpoint_does_no_harm(journal):
    checkpoint_path(journal).unlink()
    checkpoint_path(journal).mkdir()
    writer = CheckpointWriter(journal)
    writer.add(read_journal(journal))
    writer.close()
    assert read_checkpoint(journal) is None


@few("before", ["live", "final", "other", "none"], (0, 3))
def test_a_live_file_is_continued_from_the_file_that_lies_there(journal, before, monkeypatch):
    run, whole = journal.with_suffix(".h5"), journal.with_name("whole.h5")
    events = list(read_journal(journal))
    if before == "live":
        again = Journal.reopen(journal)[0]
        Storage(run, again).close()
        again.close(keep_reserve=True)
    elif before == "final":
        shutil.copy(RUNS_0_1 / "dc.h5", run)
    elif before == "other":
        shutil.copy(RUNS_0_1 / "short.h5", run)
    opened = reopen(journal)
    read: list[int] = []
    real = read_journal
    monkeypatch.setattr(
        "solbench.acquisition.record.storage_thread.read_journal",
        lambda path, start, told: read.append(start.seq) or real(path, start, told),
    )
    storage = Storage(run, opened.journal, checkpoint=opened.checkpoint)
    storage.take(opened.journal.append(1e5, events[-1].body))
    storage.close()
    opened.journal.close()
    monkeypatch.undo()
    assert (0 in read) == (before in ("other", "none"))
    plain = Journal.reopen(journal)[0]
    checkpoint_path(journal).unlink()
    Storage(whole, plain).close()
    plain.close()
    with (
        h5py.File(run, "r", libver="latest", swmr=True) as one,
        h5py.File(whole, "r", libver="latest", swmr=True) as other,
    ):
        for name in ("samples", "points", "events"):
            assert np.array_equal(one[name]["seq"], other[name]["seq"])
            if (name, before) != ("events", "final"):  # 0.1.0 wrote some fields with other words
                assert np.array_equal(one[name][:], other[name][:])
    same_ranges = Rows()
    same_ranges.sorted(read_journal(journal))
    starts = [event.body for event in events if isinstance(event.body, SegmentStart)]
    assert same_ranges.ranges == ranges_of(from_journal(journal).samples, starts)


def test_records_are_decoded_when_they_are_asked_for():
    texts = [event.json().encode() for event in read_journal(RUNS_0_1 / "short.journal")]
    broken = [*texts[:5], b'{"seq":5,"kind":"note"', *texts[6:]]
    records = Records(broken, Path("x.h5"))
    assert [event.kind for event in records.of((SegmentStart,))] == ["segment"] * 16
    with pytest.raises(Exception, match=r"x\.h5: record 5 of its events cannot be read"):
        list(records)
