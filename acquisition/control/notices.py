"""Notices for whoever is not at the bench: what happened, and how it is sent to addresses as apprise writes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ADDRESSES = "notice_addresses"  # names in the user's settings
FROM_RUNS = "notice_from_runs"
MISSING = "no notice can be sent: apprise is not installed. Install it with: pip install 'solbench[notify]'"


@dataclass(frozen=True)
class Notice:
    """What happened, in a title and a text; `urgent`: somebody has to do something."""

    title: str
    text: str
    urgent: bool


def deliver(addresses: Sequence[str], notice: Notice, picture: bytes) -> str:
    """Send a notice; return what went wrong in words, "" where it reached every address."""
    try:
        from apprise import Apprise, NotifyType
    except ImportError:
        return MISSING
    to = Apprise()
    wrong = [address for address in addresses if not to.add(address)]
    if wrong:
        return f"no notice can be sent to {', '.join(wrong)}: write an address as apprise does, such as mailto://…"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "solbench.png"
        if picture:
            file.write_bytes(picture)
        kind = NotifyType.WARNING if notice.urgent else NotifyType.SUCCESS
        attached = str(file) if picture else None
        sent = to.notify(title=notice.title, body=notice.text, notify_type=kind, attach=attached)
    return "" if sent else "a notice did not reach every address"
