"""Which protocol the window begins with; the editor of protocols is loaded when it is first shown."""

from pathlib import Path

from solbench.gui.models.common.settings import Settings

HALF_CELL = "half-cell"


def last_protocol(settings: Settings) -> str:
    """Return the protocol that was chosen last, a shipped name or a path; the half cell where it is gone."""
    wanted = settings.get("protocol", HALF_CELL)
    if wanted == HALF_CELL or Path(wanted).is_file():
        return wanted
    from solbench.protocols.protocol import shipped_protocols

    return wanted if wanted in shipped_protocols() else HALF_CELL
