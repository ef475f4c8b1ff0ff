"""The screens of the main window, in the order of the rail; each is loaded when it is first needed."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from solbench.gui.models.common.words import tr

if TYPE_CHECKING:
    from solbench.gui.screens.screen import Screen

__all__ = ["SCREENS", "Listed"]


@dataclass(frozen=True)
class Listed:
    """A screen before it is loaded: its key, its title on the rail, its module and class below this folder."""

    key: str
    title: str
    place: str

    def load(self) -> type[Screen]:
        """Load the class of the screen."""
        module, _, name = f"{__name__}.{self.place}".rpartition(".")
        found: type[Screen] = getattr(import_module(module), name)
        assert found.key == self.key
        return found


SCREENS: tuple[Listed, ...] = (
    Listed("connect", tr("Connect"), "connect.ConnectScreen"),
    Listed("cell", tr("Cell"), "cell.CellScreen"),
    Listed("protocol", tr("Protocol"), "protocol.ProtocolScreen"),
    Listed("start", tr("Start"), "start.StartScreen"),
    Listed("queue", tr("Queue"), "queue.QueueScreen"),
    Listed("live", tr("Live"), "live.LiveScreen"),
    Listed("data", tr("Data"), "data.DataScreen"),
    Listed("fit", tr("Fit"), "fit.FitScreen"),
    Listed("report", tr("Report"), "report.ReportScreen"),
)
