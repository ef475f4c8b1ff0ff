"""Tags: a set of words that capitals do not tell apart, whatever is given, taken away, torn or damaged."""

from __future__ import annotations

import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solbench.acquisition.record.beside.tags import (
    LONGEST,
    change_tags,
    distinct,
    has_all,
    read_changes,
    read_tag,
    tags_of,
    tags_path,
)
from solbench.protocols.errors import BadInput

RUN = "5b0f3b43-37a5-4d2c-9a1c-0c3c3a1f6e11"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=LONGEST + 20))
def test_a_tag_is_taken_as_one_line_without_a_comma_or_refused_in_a_paragraph(text: str) -> None:
    try:
        tag = read_tag(text, "--add")
    except BadInput:
        with pytest.raises(BadInput, match=r"\A[^\n]*--add[^\n]*\Z"):
            read_tag(text, "--add")
        return
    assert read_tag(tag, "--add") == tag == " ".join(tag.split())
    assert 0 < len(tag) <= LONGEST
    assert "," not in tag
    assert tag.isprintable() or "\u200c" in tag or "\u200d" in tag
    assert distinct((tag, text.upper(), unicodedata.normalize("NFD", tag))) in ((tag,), (tag, text.upper()))


@pytest.mark.parametrize(
    "text", ["", " \t ", "a,b", "two\x00", "x" * (LONGEST + 1), "\u202eevil", "--", "a\u2028b\u200b"]
)
def test_what_is_no_tag(text: str) -> None:
    with pytest.raises(BadInput):
        read_tag(text, "--add")


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_was_added_and_not_removed_since(tmp_path: Path, seed: int) -> None:
    draw, run = random.Random(seed), tmp_path / "a.b.h5"
    words = ["Cycled", "cycled", "größe", "GRÖSSE", "zum Wiederholen", "日本", "-x", "straße", "STRASSE"]
    held: dict[str, str] = {}
    for _ in range(12):
        add = draw.sample(words, draw.randint(0, 3))
        remove = [word for word in draw.sample(words, draw.randint(0, 2)) if not has_all(add, (word,))]
        for word in remove:
            held.pop(word.casefold(), None)
        for word in add:
            held.setdefault(word.casefold(), word)
        assert change_tags(run, RUN, add, remove, "E. Example") == tuple(held.values())
        if tags_path(run).exists() and draw.random() < 0.5:  # a change that was torn off
            with tags_path(run).open("ab") as file:
                file.write(b'{"format":"solbench tags 1","run":"5b0f')
        assert tags_of(run, RUN) == tuple(held.values())
    assert all(change.added or change.removed for change in read_changes(run, RUN))
    assert tags_of(run, "another run's id") == ()


def test_a_damaged_line_takes_no_other_with_it_and_nothing_is_left_where_nothing_changes(
    tmp_path: Path,
) -> None:
    run = tmp_path / "a.h5"
    assert change_tags(run, RUN, (), ("none",)) == ()
    assert not tags_path(run).exists()
    for tag in ("one", "two", "three"):
        change_tags(run, RUN, (tag,))
    lines = tags_path(run).read_bytes().splitlines(keepends=True)
    tags_path(run).write_bytes(lines[0] + lines[1].replace(b"two", b"twi") + lines[2])
    assert tags_of(run, RUN) == ("one", "three")
    assert change_tags(run, RUN, ("two",), ("ONE",)) == ("three", "two")
    with pytest.raises(BadInput, match="given and taken away"):
        change_tags(run, RUN, ("x",), ("X",))
