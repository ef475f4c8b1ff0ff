"""What can go wrong while talking to the instruments, by whose doing it is."""


class DriverError(Exception):
    """Base of everything below that the bench, not the program, is the cause of.

    `what` is what was found, without where to look: for a text that says that for itself.
    """

    def __init__(self, text: str, what: str = "") -> None:
        super().__init__(text)
        self.what = what or text


class InstrumentError(DriverError):
    """The instrument refused a command; `code` as it answered `?ER`, `text` in words; `cure`: what to do about it."""

    def __init__(
        self,
        code: int,
        text: str,
        command: str,
        instrument: str,
        cure: str = "Check that its firmware knows this command and that the option it belongs to is fitted",
    ) -> None:
        what = f"{instrument} reports error {code:02d} ({text}) after {command!r}"
        super().__init__(f"{what}. {_sentence(cure)}", what)
        self.code = code
        self.text = text
        self.command = command
        self.instrument = instrument


class NoReply(DriverError):
    """The instrument did not take a command, or did not answer it in `waited_s` seconds; `cure`: where to look."""

    def __init__(
        self, instrument: str, command: str, waited_s: float, cure: str = "Check its power and its address"
    ) -> None:
        within = f" within {waited_s:.3g} s" if waited_s else ""
        what = f"{instrument} did not react to {command!r}{within}"
        super().__init__(f"{what}. {_sentence(cure)}", what)
        self.instrument = instrument
        self.command = command
        self.waited_s = waited_s


class BadReply(DriverError):
    """The answer is not one that the manual describes for this command."""

    cure = "Check that no other program talks to it, and that its output format and terminator settings fit."

    def __init__(self, instrument: str, command: str, reply: str, expected: str) -> None:
        what = f"{instrument} answered {command!r} with {reply!r}; expected {expected}"
        super().__init__(f"{what}. {self.cure}", what)
        self.instrument = instrument
        self.command = command
        self.reply = reply


class OtherIdentity(BadReply):
    """Another instrument answers than the one that its settings name; `wanted` is what its identity must contain."""

    cure = (
        "Check the address. If this is the instrument, write into its settings in the bench file what it answers: "
        "'identity_contains', or the 'family' of a 1260."
    )

    def __init__(self, instrument: str, reply: str, wanted: str) -> None:
        super().__init__(instrument, "*IDN?", reply, f"a text with {wanted!r}")


class BusError(DriverError):
    """The adapter, or the VISA library, failed; the instrument may never have seen the command."""

    def __init__(self, instrument: str, command: str, cause: Exception) -> None:
        what = f"the connection to {instrument} broke at {command!r}: {_sentence(str(cause))}".rstrip(".")
        super().__init__(f"{what}. Check adapter and cable, and that no other program holds the port.", what)
        self.instrument = instrument
        self.command = command


class CannotOpen(DriverError):
    """A port, an adapter or an address cannot be opened; `problem` and `cure` in words."""

    def __init__(self, address: str, problem: str, cure: str) -> None:
        what = f"{address} cannot be opened: {_sentence(problem)}".rstrip(".")
        super().__init__(f"{what}. {_sentence(cure)}", what)
        self.address = address
        self.problem = problem
        self.cure = cure


class SettingsChanged(DriverError):
    """After a broken connection the instruments are not set as they were; `changes` by setting, in words."""

    def __init__(self, changes: dict[str, str]) -> None:
        listed = "; ".join(f"{name}: {change}" for name, change in changes.items())
        super().__init__(
            f"the instruments are not set as they were ({listed}). One of them was switched off, set by hand, or reset "
            f"by a device clear: look at the bench, then resume the run."
        )
        self.changes = changes


class NotSafe(DriverError):
    """It could not be verified that the cell is disconnected; `by_hand`: how the instrument's front panel does it."""

    def __init__(self, why: str, by_hand: str) -> None:
        super().__init__(f"the cell may still be driven: {why}. {_sentence(by_hand)}", why)
        self.why = why


class StillHeats(DriverError):
    """It could not be verified that a controller's output is zero."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the chamber may still heat: {why}. Switch it off at its own switch.", why)


class OutOfRange(ValueError):
    """A value that the instrument cannot take, in `unit`; nothing is ever clipped."""

    def __init__(self, quantity: str, value: object, unit: str, allowed: str) -> None:
        shown = f"{value} {unit}".strip()
        super().__init__(f"{quantity} = {shown} cannot be set; the instruments take {allowed}.")
        self.quantity = quantity
        self.value = value
        self.unit = unit
        self.allowed = allowed


class OutOfOrder(RuntimeError):
    """The program asked for a switching order that can harm a cell: a mistake in the program."""


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."
