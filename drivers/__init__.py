"""How to talk to the Solartron 1260 and 1287; knows no protocol and no file."""

from drivers.errors import (
    BadReply,
    BusError,
    DriverError,
    InstrumentError,
    NoReply,
    NotSafe,
    OutOfOrder,
    OutOfRange,
)
from drivers.link import Link, LinkSettings
from drivers.pair import Pair
from drivers.settings import PairSettings, Settings1260, Settings1287
from drivers.solartron1260 import Solartron1260
from drivers.solartron1287 import Solartron1287

__all__ = [
    "BadReply",
    "BusError",
    "DriverError",
    "InstrumentError",
    "Link",
    "LinkSettings",
    "NoReply",
    "NotSafe",
    "OutOfOrder",
    "OutOfRange",
    "Pair",
    "PairSettings",
    "Settings1260",
    "Settings1287",
    "Solartron1260",
    "Solartron1287",
]
