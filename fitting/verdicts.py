"""What a spectrum or its fit is worth: the verdicts as data, and the words for people."""

from typing import Literal

Verdict = Literal["good", "look", "wrong"]

VERDICT_WORDS: dict[Verdict, str] = {"good": "good", "look": "doubtful", "wrong": "wrong"}
"""Run files and `--json` hold the verdicts; this is how they are shown."""
