"""Signs that an editor or a page puts into a file are named with their line; such a sign in a text is no fault."""

from __future__ import annotations

import random
import re

import pytest

from solbench.protocols.errors import BadInput
from solbench.protocols.files import parse_text
from solbench.protocols.shipped import SHIPPED

ODD_BLANKS = "\u00a0\u2003\u2009\u202f\u3000"
PUT_IN = {  # what an editor makes of a line, and what the cure says of it
    "tab for the indent": (r"^ +(?=\w+: )", "\t", "Indent line {line} with blanks"),
    "tab behind a colon": (r": (?=\w)", ":\t", "Write a blank for the tab in line {line}"),
    "tab behind a dash": (r"^( +)- ", r"\1-\t", "Write a blank for the tab in line {line}"),
    "odd indent": (r"^ +(?=\w+: )", "ODD", "Line {line} is indented with a hard blank"),
    "odd blank behind a colon": (r"^( +\w+:) (?=\w)", r"\1ODD", "Line {line} has a hard blank behind"),
    "odd blank behind a dash": (r"^( +)- ", r"\1-ODD", "Line {line} has a hard blank behind"),
    "unseen": (r"^ +(?=\w+: )", "\u200b\\g<0>", "Line {line} has a character that is not seen"),
    "dash": (r"^( +)- ", "\\1\u2013 ", "Line {line} begins with a dash"),
    "dot": (r"^( +)- ", "\\1\u2022 ", "Line {line} begins with a dash"),
    "frame": (r"^build: .*", r"</pre>\n\g<0>", "Leave out line {line}: it is the frame"),
    "control": (r"^ +(?=\w+: )", "\x0b\\g<0>", "Leave out the character U+000B in line {line}"),
}


def cure_of(text: str) -> str:
    with pytest.raises(BadInput) as refused:
        parse_text(text, "copied.yaml")
    assert "cannot be read" in refused.value.message
    return refused.value.cure


def included(draw: random.Random) -> list[str]:
    chosen = draw.choice(sorted(SHIPPED.glob("*.yaml")))
    return [line for line in chosen.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", PUT_IN)
def test_a_sign_that_was_put_in_is_named_with_its_line(name: str, seed: int) -> None:
    draw = random.Random(f"{name} {seed}")
    sign, instead, cure = PUT_IN[name]
    instead = instead.replace("ODD", draw.choice(ODD_BLANKS))
    tried = 0
    while tried < 3:
        lines = included(draw)
        places = [number for number, line in enumerate(lines) if re.search(sign, line)]
        if not places:
            continue
        place = draw.choice(places)
        lines[place] = re.sub(sign, instead, lines[place], count=1)
        try:
            parse_text("\n".join(lines), "copied.yaml")
        except BadInput:
            pass
        else:
            continue  # the sign has become part of a word, and the field is told
        tried += 1
        assert cure_of("\n".join(lines)).startswith(cure.format(line=place + 1))


@pytest.mark.parametrize("said", ["```", "\u00a0 x", "a\tb", "> cited", "\u2013 first", "<pre>", "\u200bx"])
@pytest.mark.parametrize("wrong", ["build: [half", "build: {half: 'x", "build: half: x"])
def test_an_odd_sign_in_a_text_is_not_named_for_a_fault_elsewhere(said: str, wrong: str) -> None:
    notes = f"notes: |\n  copied from a page\n  {said}\n"
    rest = "name: a\nsteps:\n  - {name: r, kind: rest, time: 1 min}\n"
    assert cure_of(notes + wrong + "\n" + rest) == "Correct it"
    assert cure_of(notes + rest + wrong) == "Correct it"


def test_quotation_marks_of_a_mail_are_named() -> None:
    lines = included(random.Random(3))
    cited = "\n".join(f"> {line}" for line in lines)
    assert cure_of(cited).startswith("Leave out the '>' at the beginning of line 1")
