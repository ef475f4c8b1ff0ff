"""How to talk to the Solartron 1260 and 1287; knows no protocol and no file."""

from typing import TYPE_CHECKING

from solbench.doors import lazily

if TYPE_CHECKING:
    from solbench.drivers.errors import (
        BadReply,
        BusError,
        DriverError,
        InstrumentError,
        NoReply,
        NotSafe,
        OutOfOrder,
        OutOfRange,
    )
    from solbench.drivers.links.link import Link, LinkSettings
    from solbench.drivers.solartron.pair import Pair
    from solbench.drivers.solartron.settings import PairSettings, Settings1260, Settings1287
    from solbench.drivers.solartron.solartron1260 import Solartron1260
    from solbench.drivers.solartron.solartron1287 import Solartron1287
else:
    __getattr__ = lazily(__name__)

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
