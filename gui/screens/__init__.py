"""The screens of the main window, in the order of the rail; each is loaded when the window is built."""

from __future__ import annotations

SCREENS: tuple[str, ...] = (
    "gui.screens.connect.ConnectScreen",
    "gui.screens.cell.CellScreen",
    "gui.screens.protocol.ProtocolScreen",
    "gui.screens.start.StartScreen",
    "gui.screens.queue.QueueScreen",
    "gui.screens.live.LiveScreen",
    "gui.screens.data.DataScreen",
    "gui.screens.fit.FitScreen",
    "gui.screens.report.ReportScreen",
)
