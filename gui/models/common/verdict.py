"""The words for a verdict on a spectrum or a fit."""

from __future__ import annotations

_WORDS = {"look": "doubtful"}


def verdict_word(verdict: str) -> str:
    """Return what the user reads for a verdict: "look" of the files is "doubtful".

    >>> verdict_word("look"), verdict_word("good")
    ('doubtful', 'good')
    """
    return _WORDS.get(verdict, verdict)
