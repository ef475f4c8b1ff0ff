"""The screens of the main window, in the order of the rail; each is loaded when the window is built."""

__all__ = ["SCREENS"]

SCREENS: tuple[str, ...] = (
    "solbench.gui.screens.connect.ConnectScreen",
    "solbench.gui.screens.cell.CellScreen",
    "solbench.gui.screens.protocol.ProtocolScreen",
    "solbench.gui.screens.start.StartScreen",
    "solbench.gui.screens.queue.QueueScreen",
    "solbench.gui.screens.live.LiveScreen",
    "solbench.gui.screens.data.DataScreen",
    "solbench.gui.screens.fit.FitScreen",
    "solbench.gui.screens.report.ReportScreen",
)
