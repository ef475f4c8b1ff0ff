"""Write the table of mistakes in docs/mistakes.md by playing each of them on the simulated bench, in some minutes.

python -m docs.make_mistake_table
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from tests.mistakes.play import STAGES, Mistake, Stage, play, sound_beside
from tests.mistakes.table import MISTAKES

PAGE = Path(__file__).with_name("mistakes.md")
_BEGIN, _END = "<!-- mistakes: written by docs/make_mistake_table.py -->\n", "<!-- end of mistakes -->\n"
Came = Mapping[str, tuple[Stage, str]]


def table(came: Came) -> str:
    """Return a table for each group of mistakes, of when each was caught and by what, behind the counts."""
    counts = Counter(stage for stage, _ in came.values())
    counted = ", ".join(f"{stage} {counts[stage]}" for stage in STAGES)
    parts = [f"{len(came)} mistakes, caught: {counted}.\n"]
    group = ""
    for mistake in MISTAKES:
        name, _, words = mistake.words.partition(": ")
        if name != group:
            group = name
            parts.append(f"\n## {name[0].upper()}{name[1:]}\n\n| mistake | caught | by |\n|---|---|---|\n")
        stage, code = came[mistake.words]
        by = mistake.why if stage == "never" else f"`{code}`"
        parts.append(f"| {words} | {stage} | {by} |\n")
    return "".join(parts)


def rows_of(text: str) -> list[tuple[str, str]]:
    """Return the words of each mistake of the page's tables, and when it was caught."""
    found, group = [], ""
    for line in between(text).splitlines():
        if line.startswith("## "):
            group = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith("| mistake |"):
            words, stage, _ = line.removeprefix("| ").split(" | ", 2)
            found.append((f"{group}: {words}".casefold(), stage))
    return found


def between(text: str) -> str:
    """Return the part of the page that is written by this program."""
    return text[text.index(_BEGIN) + len(_BEGIN) : text.index(_END)]


def page(came: Came) -> str:
    """Return the text of the page with the tables."""
    text = PAGE.read_text(encoding="utf-8")
    return text[: text.index(_BEGIN) + len(_BEGIN)] + table(came) + text[text.index(_END) :]


def caught(mistake: Mistake) -> tuple[Stage, str]:
    """Return when a mistake is caught, and by which code."""
    return play(mistake).caught(sound_beside(mistake))


def main() -> None:
    """Play every mistake and write the page."""
    PAGE.write_text(page({mistake.words: caught(mistake) for mistake in MISTAKES}), encoding="utf-8")


if __name__ == "__main__":
    main()
