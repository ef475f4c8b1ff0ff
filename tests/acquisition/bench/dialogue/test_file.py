"""Dialogue files: what survives a program that dies, how large they become, and what is no dialogue."""

import gzip
import os
from pathlib import Path
from unittest import mock

import pytest

from solbench.acquisition.bench.dialogue.file import About, DialogueFile, DialogueText
from solbench.acquisition.bench.dialogue.lines import Looked, encode
from solbench.protocols.errors import BadInput

ABOUT = About("0.1.0", 1.5, 3, True, {"protocol": "a\nb", "cell": "c", "bench": "d"}, {"bench": "e"})


def text_of(number: int) -> str:
    return encode(Looked(0.1 * number, number, number))


def begun(path: Path, most_bytes: int = 1 << 20) -> DialogueFile:
    file = DialogueFile(path, most_bytes)
    file.begin(ABOUT)
    return file


def test_what_was_given_to_the_system_is_read_although_the_program_died(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue"
    file = begun(path)
    for number in range(100):
        file.put(text_of(number))
    file.flush()
    file.put(text_of(100))  # still in the program when it dies
    text = DialogueText(path)
    assert (text.about.texts, text.about.seed) == (ABOUT.texts, 3)
    assert [line for _, line in text.lines()] == [Looked(0.1 * n, n, n) for n in range(100)]
    assert text.is_torn
    file.close(text_of(101))
    assert len(list(DialogueText(path).lines())) == 102
    assert gzip.decompress(path.read_bytes()).count(b"\n") == 103  # any program unpacks it


@pytest.mark.parametrize("kept", [0.05, 0.31, 0.5, 0.77, 0.99])
def test_torn_anywhere_the_beginning_is_read(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "a.dialogue"
    file = begun(path)
    for number in range(3000):
        file.put(text_of(number))
    file.close()
    whole = path.read_bytes()
    path.write_bytes(whole[: 400 + int(kept * (len(whole) - 400))])
    text = DialogueText(path)
    found = [line for _, line in text.lines()]
    assert found == [Looked(0.1 * n, n, n) for n in range(len(found))]
    assert text.is_torn
    assert len(found) > 0.5 * kept * 3000


def test_it_stays_below_its_bound(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue"
    file = begun(path, most_bytes=100_000)
    number = 0
    while file.put(text_of(number)):
        number += 1
    file.close()
    assert 40_000 < path.stat().st_size <= 100_000
    assert not file.put(text_of(0))


def test_a_disk_that_takes_no_more_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    file = begun(tmp_path / "a.dialogue")
    with mock.patch.object(os, "write", side_effect=OSError(28, "No space left on device")):
        file.put(text_of(1))
        file.flush()
    file.close()
    assert file.problem.startswith("a.dialogue could not be written")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no dialogue",
        gzip.compress(b""),
        gzip.compress(b'{"format": "another"}\n'),
        gzip.compress(b"[]\n"),
    ],
    ids=["empty", "text", "nothing", "another", "list"],  # the bytes hold the time of day
)
def test_another_file_is_refused_in_a_paragraph(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.dialogue"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="no dialogue of a run"):
        DialogueText(path)


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.dialogue"
    file = begun(path)
    file.put(text_of(1))
    file.put("1.0\tnonsense\n")
    file.close()
    with pytest.raises(BadInput, match="line 3 of this dialogue is damaged"):
        list(DialogueText(path).lines())
