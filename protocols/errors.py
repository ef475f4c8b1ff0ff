"""What is reported to a user whose file or setting cannot be used."""

from pathlib import Path


class BadInput(ValueError):
    """Input that cannot be used; its text is one paragraph that names file, field and cure.

    `file` is the file (or `--set`, or a shipped name) as the user gave it, `field` the dotted path in it as
    the user wrote it; either may be empty. `message` says what is wrong, `cure` what to do about it.
    """

    def __init__(self, message: str, cure: str = "", *, file: str = "", field: str = "") -> None:
        self.message = " ".join(message.split())
        self.cure = " ".join(cure.split())
        self.file = file
        self.field = field
        super().__init__(self._paragraph())

    def _paragraph(self) -> str:
        where = ", ".join(part for part in (self.file, self.field and f"field {self.field}") if part)
        sentences = " ".join(sentence(part) for part in (self.message, self.cure) if part)
        return f"{where}: {sentences}" if where else sentences


class FieldError(ValueError):
    """A value that a field refuses; the loader adds file and path and makes a `BadInput` of it.

    `field` is the rest of the path below the place where the error is raised, or empty.
    """

    def __init__(self, message: str, cure: str = "", *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure
        self.field = field


def sentence(text: str) -> str:
    """Return a text with a full stop at its end, unless it ends a sentence already.

    >>> sentence("it is gone"), sentence("Did you mean 'nbh'?")
    ('it is gone.', "Did you mean 'nbh'?")
    """
    return text if text.endswith((".", "?", "!")) else text + "."


def shown(name: str | Path) -> str:
    """Return a file's name as text that every terminal and file takes: bytes that are no text as escapes."""
    return str(name).encode("utf-8", "backslashreplace").decode()
