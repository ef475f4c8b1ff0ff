"""Reading is not storing: which readings go into the journal."""

from solbench.drivers.roles import Reading
from solbench.protocols.segments import Record


class StoreFilter:
    """Keeps the first reading, one in every `every_s`, and one for each change of the voltage."""

    def __init__(self, record: Record, everything: bool = False) -> None:
        self._every_s = 0.0 if everything else record.every_s * 0.95  # readings come a little early, too
        self._change_V = record.voltage_change_V
        self._time_s: float | None = None
        self._voltage_V = 0.0

    def wants(self, reading: Reading) -> bool:
        """Return whether to store this reading, and remember it if so."""
        due = (
            self._time_s is None
            or reading.time_s - self._time_s >= self._every_s
            or (self._change_V is not None and abs(reading.voltage_V - self._voltage_V) >= self._change_V)
        )
        if due:
            self._time_s, self._voltage_V = reading.time_s, reading.voltage_V
        return due
