"""The journal keeps every record that it acknowledged: cut anywhere, flipped anywhere, on a full disk."""

import errno
import json
import os
import random
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.errors import JournalDamaged, JournalFull
from solbench.acquisition.host import platform
from solbench.acquisition.record import journal as module
from solbench.acquisition.record.events import KINDS, RunEnd, Unknown
from solbench.acquisition.record.journal import (
    LOST_S,
    Damage,
    Journal,
    Place,
    damage_of,
    journal_path,
    read_header,
    read_journal,
    read_last,
    reserve_path,
)

WORDS = st.text(max_size=20)
NEW_KINDS = WORDS.filter(lambda word: word not in KINDS)  # Hypothesis also tries the words of the source
DATA = st.dictionaries(
    st.sampled_from(["voltage_V", "text", "list", "größe"]),
    st.one_of(st.floats(allow_nan=False, allow_infinity=False), WORDS, st.lists(st.integers(), max_size=3)),
)


@pytest.fixture(autouse=True)
def _small_reserve(monkeypatch):
    monkeypatch.setattr(module, "RESERVE_BYTES", 4096)


def written(path, records):
    """Make a journal of (time, body) and close it as a run that is to be continued."""
    journal = Journal.create(path)
    events = [journal.append(*record) for record in records]
    journal.close(keep_reserve=True)
    return events


def sample(n: int) -> tuple[float, Unknown]:
    return 0.1 * n, Unknown("reading", {"voltage_V": 0.9 + 1e-4 * n, "text": "\t line\nend é"})


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e9), st.builds(Unknown, NEW_KINDS, DATA)), max_size=8))
def test_what_was_appended_is_read(tmp_path_factory, records):
    path = tmp_path_factory.mktemp("j") / "a.journal"
    events = written(path, records)
    assert list(read_journal(path)) == events
    assert [event.seq for event in events] == list(range(len(records)))


def test_a_record_is_one_line_of_json_and_its_checksum(tmp_path):
    path = tmp_path / "a.journal"
    written(path, [sample(0)])
    text, check = path.read_bytes().removesuffix(b"\n").rsplit(b"\t", 1)
    assert int(check, 16) == zlib.crc32(text)
    assert json.loads(text) == {
        "seq": 0,
        "kind": "reading",
        "time_s": 0.0,
        "voltage_V": 0.9,
        "text": "\t line\nend é",
    }


def test_it_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "a.journal"
    first = written(path, [sample(n) for n in range(3)])
    journal, cut = Journal.reopen(path)
    more = journal.append(*sample(3))
    journal.close()
    assert cut == 0
    assert more.seq == 3
    assert list(read_journal(path)) == [*first, more]
    assert not reserve_path(path).exists()


def test_an_existing_journal_is_never_begun_again(tmp_path):
    path = tmp_path / "a.journal"
    written(path, [sample(0)])
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        Journal.create(path)
    assert path.read_bytes() == before


def test_cut_at_every_byte_it_holds_the_exact_prefix(tmp_path):
    path = tmp_path / "a.journal"
    events = written(path, [sample(n) for n in range(6)])
    whole = path.read_bytes()
    ends = [n + 1 for n, byte in enumerate(whole) if byte == 10]
    assert len(ends) == 6
    torn = tmp_path / "torn.journal"
    for length in range(len(whole) + 1):
        torn.write_bytes(whole[:length])
        count = sum(end <= length for end in ends)
        found: list[Damage] = []
        assert list(read_journal(torn, damaged=found.append)) == events[:count]
        assert found == []
        if count == 0:
            with pytest.raises(JournalDamaged, match=r"torn\.journal"):
                Journal.reopen(torn)
            continue
        journal, cut = Journal.reopen(torn)
        more = journal.append(*sample(9))
        journal.close()
        assert cut == length - ends[count - 1]
        assert list(read_journal(torn)) == [*events[:count], more]


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.long)])
def test_a_flipped_bit_is_caught(tmp_path, step):
    """Of each byte every third bit, other ones from byte to byte; in the long tests every bit."""
    path = tmp_path / "a.journal"
    events = written(path, [sample(n) for n in range(3)])
    whole = path.read_bytes()
    starts = [0, *(n + 1 for n, byte in enumerate(whole) if byte == 10)]
    flipped = tmp_path / "flipped.journal"
    for position in range(len(whole)):
        hit = sum(start <= position for start in starts) - 1
        for bit in range(position % step, 8, step):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            flipped.write_bytes(damaged)
            found: list[Damage] = []
            assert list(read_journal(flipped, damaged=found.append)) == events[:hit]
            joined = whole[position] == 10 and hit < 2  # two lines have become one
            assert found == [damage_of(flipped)] == [Damage(hit, 2 - hit - joined)]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_to_it_what_is_whole_behind_a_damage_is_counted(tmp_path, seed):
    draw, path = random.Random(seed), tmp_path / "a.journal"
    events = written(path, [sample(n) for n in range(40)])
    lines = path.read_bytes().splitlines(keepends=True)
    ends = [sum(map(len, lines[: n + 1])) for n in range(40)]
    data = bytearray(path.read_bytes())
    hit = set()
    for _ in range(draw.randint(1, 3)):  # zeros, as of a block that never reached the disk, or anything else
        first = draw.randrange(len(data))
        last = min(first + draw.choice([1, 30, 400]), len(data))
        for place in range(first, last):
            data[place] = 0 if seed % 2 else data[place] ^ draw.randint(1, 255)
        hit |= {sum(end <= place for end in ends) for place in range(first, last)}
    path.write_bytes(data)
    found: list[Damage] = []
    assert list(read_journal(path, damaged=found.append)) == events[: min(hit)]
    alive = [n for n in range(min(hit), 40) if lines[n] in bytes(data).splitlines(keepends=True)]
    torn = not alive and b"\n" not in data[ends[min(hit) - 1] if min(hit) else 0 :]
    assert found == ([] if torn else [Damage(min(hit), len(alive))])
    damage = damage_of(path)
    assert damage == (found[0] if found else None)
    if damage is None:
        return
    for times in (1.0, 30.0):
        later = tmp_path / f"{times}.journal"
        written(later, [(times * event.time_s, event.body) for event in events])
        lines = later.read_bytes().splitlines(keepends=True)
        broken = [line if n in alive or n < min(hit) else b"{}\n" for n, line in enumerate(lines)]
        later.write_bytes(b"".join(broken))
        _is_told_as_it_is(later, draw.randint(0, min(hit)))


def _is_told_as_it_is(path: Path, known: int) -> None:
    """Hold what a damage says of resuming against resuming; `known` records are not read again."""
    place = Place(known, sum(map(len, path.read_bytes().splitlines(keepends=True)[:known])))
    said: list[Damage] = []
    list(read_journal(path, place, damaged=said.append))
    damage = damage_of(path)
    assert damage is not None
    assert said[0].can_go_on == damage.can_go_on
    assert ("solbench resume" in damage.told) == damage.can_go_on
    if damage.can_go_on:
        Journal.reopen(path, start=lambda: place)[0].close()
    else:
        with pytest.raises(JournalDamaged):
            Journal.reopen(path, start=lambda: place)


@pytest.mark.parametrize("what", [b"\xff garbled\n", b"{}\t00000000\n", b"x" * 100_000 + b"\n"])
@pytest.mark.parametrize("known", [0, 3, 5])
def test_a_journal_whose_last_line_is_garbled_can_go_on(tmp_path, what, known):
    path = tmp_path / "a.journal"
    written(path, [sample(n) for n in range(5)])
    path.write_bytes(path.read_bytes() + what)
    assert "resume continues it" in str(getattr(damage_of(path), "told", ""))
    _is_told_as_it_is(path, known)


def test_what_lies_behind_a_run_that_is_over_is_no_damage_of_it(tmp_path):
    path, decided = tmp_path / "a.journal", {"quantity": "", "limit": None, "value": None}
    end = RunEnd(completed=True, outcome="completed", reason="all", verified_safe=True, **decided)
    written(path, [sample(0), (1.0, end)])
    path.write_bytes(path.read_bytes() * 2)
    assert damage_of(path) is None


@pytest.mark.parametrize(("later_s", "goes_on"), [(LOST_S / 2, True), (LOST_S * 2, False)])
def test_a_run_goes_on_only_where_a_damage_hides_a_few_seconds(tmp_path, later_s, goes_on):
    path = tmp_path / "a.journal"
    written(path, [sample(0), sample(1), sample(2), (later_s, sample(3)[1])])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"\0" * len(lines[1]) + lines[2] + lines[3])
    before = path.read_bytes()
    if goes_on:
        Journal.reopen(path)[0].close()
    else:
        with pytest.raises(JournalDamaged, match=r"damaged at record 1, .* cannot go on"):
            Journal.reopen(path)
        assert path.read_bytes() == before


def test_whole_records_behind_a_damage_are_kept_when_it_goes_on(tmp_path):
    path = tmp_path / "a.journal"
    events = written(path, [sample(n) for n in range(5)])
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    journal, cut = Journal.reopen(path)
    journal.close()
    assert list(read_journal(path)) == events[:2]
    assert path.read_bytes() + (tmp_path / "a.damaged").read_bytes() == bytes(damaged)
    assert cut == (tmp_path / "a.damaged").stat().st_size


def test_a_record_out_of_turn_ends_the_reading(tmp_path):
    path = tmp_path / "a.journal"
    events = written(path, [sample(n) for n in range(3)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[2])
    assert list(read_journal(path)) == events[:1]


def test_the_header_of_nothing_is_refused(tmp_path):
    path = tmp_path / "a.journal"
    path.write_bytes(b"")
    with pytest.raises(JournalDamaged, match=r"a\.journal"):
        read_header(path)


def test_two_programs_cannot_write_one_journal(tmp_path):
    path = tmp_path / "a.journal"
    first = Journal.create(path)
    first.append(*sample(0))
    program = f"""
from pathlib import Path
from solbench.acquisition.record.journal import Journal
Journal.reopen(Path({str(path)!r}))
"""
    other = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60)
    assert other.returncode == 1
    assert "another program is writing this run" in other.stderr
    second = first.append(*sample(1))
    assert second in list(read_journal(path))
    first.close(keep_reserve=True)
    journal, _ = Journal.reopen(path)  # a closed one may go on
    journal.close()


class FullDisk:
    """An os.write with so much space left; a reserve that is given back makes some more."""

    def __init__(self, monkeypatch, path, space: int, given_back: int) -> None:
        self._real = os.write
        self._reserve = reserve_path(path)
        self._space = space
        self._given_back = given_back
        monkeypatch.setattr(module.os, "write", self)

    def __call__(self, descriptor: int, line: bytes) -> int:
        if not self._reserve.exists():
            self._space += self._given_back
            self._given_back = 0
        if self._space <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = self._real(descriptor, line[: self._space])
        self._space -= count
        return count


@pytest.mark.parametrize(
    "space", [pytest.param(space, marks=[pytest.mark.long] * (space % 3 != 0)) for space in range(0, 400, 7)]
)
def test_on_a_full_disk_it_is_whole_to_the_last_acknowledged_record(tmp_path, monkeypatch, space):
    path = tmp_path / "a.journal"
    journal = Journal.create(path)
    FullDisk(monkeypatch, path, space, given_back=300)
    events = []

    def fill() -> None:
        for n in range(100):
            events.append(journal.append(*sample(n)))

    with pytest.raises(JournalFull) as caught:
        fill()
    assert "solbench resume a" in str(caught.value)
    assert list(read_journal(path)) == events
    text = path.read_bytes()
    assert text == b"".join(text.splitlines(keepends=True)[: len(events)])  # no stump behind the last record
    assert sum(map(len, text.splitlines(keepends=True))) > space + 300 - 150  # the reserve was used up
    assert not reserve_path(path).exists()
    monkeypatch.undo()
    journal.close(keep_reserve=True)
    reopened, cut = Journal.reopen(path)
    assert cut == 0
    assert reopened.append(*sample(0)).seq == len(events)
    reopened.close()


@pytest.mark.skipif(sys.platform == "win32", reason="no RLIMIT_FSIZE")
def test_the_limit_of_the_operating_system_leaves_it_whole(tmp_path):
    path = tmp_path / "a.journal"
    program = f"""
import resource, signal
from pathlib import Path
from solbench.acquisition.record import events, journal
from solbench.acquisition.errors import JournalFull
journal.RESERVE_BYTES = 1000
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
made = journal.Journal.create(Path({str(path)!r}))
n = 0
try:
    while True:
        made.append(float(n), events.Unknown("reading", {{"voltage_V": 0.5}}))
        n += 1
except JournalFull:
    print(n)
"""
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    count = int(done.stdout)
    assert count > 50
    assert [event.seq for event in read_journal(path)] == list(range(count))
    assert path.read_bytes().endswith(b"\n")


def test_another_error_of_the_disk_does_not_cost_the_reserve(tmp_path, monkeypatch):
    path = tmp_path / "a.journal"
    journal = Journal.create(path)

    def broken(_descriptor, _line):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(module.os, "write", broken)
        with pytest.raises(JournalFull):
            journal.append(*sample(0))
    assert reserve_path(path).exists()
    journal.close()


def test_a_journal_that_cannot_have_its_reserve_is_not_begun(tmp_path, monkeypatch):
    path = tmp_path / "a.journal"

    def full(self, data):
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module.Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        Journal.create(path)
    assert list(tmp_path.iterdir()) == []


def test_a_scanner_that_looks_at_the_reserve_for_a_moment_ends_no_run(tmp_path, monkeypatch):
    """On Windows what another program has open is not removed."""
    left, real = [1, 2, 3], Path.unlink

    def held(path, missing_ok=False):
        if left:
            left.pop()
            raise PermissionError(13, "The process cannot access the file", str(path))
        real(path, missing_ok)

    journal = Journal.create(tmp_path / "a.journal")
    monkeypatch.setattr(platform, "WINDOWS", True)
    monkeypatch.setattr(Path, "unlink", held)
    journal.close()
    assert not left
    assert not reserve_path(tmp_path / "a.h5").exists()


@pytest.mark.parametrize("attempts", [1, 3, 10_000])
def test_a_scanner_at_the_reserve_when_the_disk_is_full_loses_no_record(tmp_path, monkeypatch, attempts):
    """Where it holds the reserve for good, the run ends as on a full disk without one, and the journal is whole."""
    path, left, real = tmp_path / "a.journal", [attempts], Path.unlink

    def held(path, missing_ok=False):
        left[0] -= 1
        if left[0] >= 0:
            raise PermissionError(13, "The process cannot access the file", str(path))
        real(path, missing_ok)

    journal = Journal.create(path)
    with monkeypatch.context() as patched:
        patched.setattr(platform, "WINDOWS", True)
        patched.setattr(platform, "BUSY_S", 0.05)
        patched.setattr(Path, "unlink", held)
        FullDisk(patched, path, 0, 10_000)
        if attempts < 10_000:
            journal.append(*sample(0))
        else:
            with pytest.raises(JournalFull, match="cannot access the file"):
                journal.append(*sample(0))
        assert journal.reserve_used == (attempts < 10_000)
    assert [event.seq for event in read_journal(path)] == ([0] if attempts < 10_000 else [])
    journal.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody remove a file that is open")
def test_what_lies_in_a_journals_place_stays_where_the_journal_cannot_be_put_back(tmp_path, monkeypatch):
    path, real = tmp_path / "a.journal", os.replace
    journal = Journal.create(path)
    journal.append(*sample(0))
    path.unlink()
    path.write_bytes(b"another one")

    def refused(source, target):
        if source.name.endswith(".part"):
            raise PermissionError(13, "The process cannot access the file", str(target))
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refused)
        with pytest.raises(PermissionError):
            journal.put_back()
    assert path.read_bytes() == b"another one"
    assert journal.put_back().read_bytes() == b"another one"
    assert len(list(read_journal(path))) == 1
    journal.close()
    assert not list(tmp_path.glob("*.part"))


def test_journal_and_reserve_lie_beside_the_run_file(tmp_path):
    assert journal_path(tmp_path / "a.h5") == tmp_path / "a.journal"
    assert reserve_path(tmp_path / "a.h5") == tmp_path / "a.reserve"


def test_the_last_record_is_the_last_whole_one(tmp_path):
    path = tmp_path / "a.journal"
    events = written(path, [sample(n) for n in range(2000)])
    assert read_last(path) == events[-1]
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert read_last(path) == events[-2]
    damaged = bytearray(whole)
    damaged[-20] ^= 1
    path.write_bytes(damaged)
    assert read_last(path) == events[-2]
    path.write_bytes(b"")
    assert read_last(path) is None
    assert read_last(tmp_path / "none.journal") is None


def test_a_whole_record_that_lacks_what_its_kind_must_have_is_told_of_and_never_cut_off(tmp_path):
    path = tmp_path / "a.journal"
    written(path, [sample(0), (1.0, Unknown("sample", {"voltage_V": 1.0}))])
    before = path.read_bytes()
    with pytest.raises(JournalDamaged, match="record 1 is complete but cannot be read"):
        list(read_journal(path))
    with pytest.raises(JournalDamaged):
        Journal.reopen(path)
    assert path.read_bytes() == before
