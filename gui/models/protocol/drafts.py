"""Drafts: what was changed on a screen and not saved under a name, as a file that a run can be given."""

from pathlib import Path

from solbench.acquisition.host.platform import state_folder
from solbench.protocols.errors import BadInput


def draft_path(what: str) -> Path:
    """Return the file of the present draft of a "cell" or "protocol"."""
    folder = state_folder() / "drafts"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / f"{what}.yaml"


def write_whole(path: Path, text: str, what: str) -> None:
    """Write a file of a "record" or "protocol", all of it or nothing; raises BadInput where the disk refuses."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as failure:
        reason = (failure.strerror or str(failure)).lower()
        raise BadInput(
            f"the {what} was not saved ({reason})", "Choose another folder", file=str(path)
        ) from None
