"""Communication with one instrument: commands, and questions that are asked again where their answer was lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import inf
from typing import NamedTuple, TypeVar

from solbench.drivers.clock import HOST_SLICE_S, Clock
from solbench.drivers.errors import BadReply, BusError, DriverError, NoReply
from solbench.drivers.links.ear import Ear
from solbench.drivers.links.incidents import Astray, Incident, IncidentCode, Incidents
from solbench.drivers.links.status_bit import StatusBit
from solbench.drivers.links.wait import ASKS, Wait
from solbench.drivers.links.wire import Resource, Wire, is_timeout

REVIVAL_EVERY_S = 0.3
LONGEST_TRIP_S = 0.5  # a transfer that took longer was held up: no bus is so slow
LATE_S = 0.1  # how long a line that is owed is waited for before the next question
LOOK_EVERY_S = 2.0  # how often, at most, it is looked whether a line waits that nobody here asked for
LOOK_SHARE = 0.01  # of the time, at most, is spent on that, however slow the bus is
WARY_S = 600.0  # after a line that nobody here asked for, it is looked before every question
MOST_UNASKED = 8  # lines that are discarded before one question
FIRST_POLL_S, POLL_GROWTH = 0.0001, 1.25  # pauses between polls grow from here up to the setting

T = TypeVar("T")


@dataclass(frozen=True)
class LinkSettings:
    """How to talk to one instrument.

    `write_termination`: "" for rear switches F1, F2 at EOI, "\\n" for LF (1260 manual p. 136; which one is
    set on a unit only its owner knows).
    `command_pause_s`: least time between two commands. GPIB's handshake should do (grade C); programs for
    real units wait 0.02 to 0.3 s (grade B).
    `io_timeout_s`: host time that one whole transfer may take over VISA. A reading begins when the instrument says
    that it has something, and a line takes 60 ms (1 byte/ms, 1250 manual p. 142: C); what is under way when the time
    is up is lost. Transports that lose nothing read in slices of `HOST_SLICE_S`.
    `status_mask`: bits of the serial poll that say "a message is available"; where they do not show it, the bit that
    does is learnt from the first lines. 0: there is none, every line is read without asking.
    `poll_interval_s`: longest time between two polls; the first ones follow each other faster.
    `reply_timeout_s`: longest wait for the answer to a query, which is asked three times in it.
    """

    write_termination: str = ""
    command_pause_s: float = 0.0
    io_timeout_s: float = 1.0
    status_mask: int = 0
    poll_interval_s: float = 0.02
    reply_timeout_s: float = 2.0


class Revival(NamedTuple):
    """A harmless question, answered within `within_s` (s) of a device clear by an instrument that is reset by it."""

    question: str
    within_s: float


class Link:
    """Write, ask and poll one instrument.

    `resource` is an open pyvisa resource (or similar object), `name` is the instrument's name in error
    messages, `cure` their advice when it has never answered. `greeting` is sent before anything else, also after a
    connection was opened anew. `clears_before`: the only commands before which half a message may be discarded by
    a device clear (None: any). `revival`: how an instrument is asked whether it hears again, where a device clear may
    reset it. All methods raise NoReply or BusError, and Interrupted from the clock.
    """

    # On the path of every message: of more than 30 attributes Python keeps a dictionary, which is slower.
    __slots__ = (
        "_astray",
        "_bit",
        "_bits",
        "_cure",
        "_deaf_until_s",
        "_half_sent",
        "_has_answered",
        "_is_another_bit",
        "_is_available",
        "_is_greeted",
        "_is_owed",
        "_is_to_revive",
        "_is_unanswered",
        "_not_before_s",
        "_pause_s",
        "_polled_s",
        "_termination",
        "_trip_s",
        "_until_s",
        "_usual",
        "_wary_until_s",
        "_wire",
        "asked_s",
        "clears_before",
        "clock",
        "greeting",
        "incidents",
        "is_seen",
        "last_command",
        "name",
        "ready_s",
        "revival",
        "settings",
        "unready_s",
        "was_cleared",
    )

    def __init__(
        self,
        resource: Resource,
        clock: Clock,
        name: str,
        settings: LinkSettings | None = None,
        cure: str = "Check its power and its address",
        greeting: str = "",
    ) -> None:
        self.clock = clock
        self.name = name
        self.settings = settings = settings or LinkSettings()
        self.greeting = greeting
        self.clears_before: frozenset[str] | None = None
        self.revival: Revival | None = None
        self._astray: Astray | None = None
        self.was_cleared = False  # and whoever sets the instrument up has not said since that it is
        self.incidents = Incidents()
        self.last_command = ""
        # times of the last question, in the clock's: asked, last seen without an answer (0: never), first seen with one
        self.asked_s = self.unready_s = self.ready_s = 0.0
        self.is_seen = True  # whether the last answer was seen to come, and not found when it was given up
        self._cure = cure
        self._has_answered = False
        self._wire = wire = Wire(resource, settings.io_timeout_s)
        self._termination = settings.write_termination
        self._pause_s = settings.command_pause_s
        mask = settings.status_mask if wire.can_poll else 0
        self._bits = (StatusBit(mask), StatusBit(mask))  # of answers, and of results of a measurement
        self._bit = self._bits[0]
        whole_s = settings.reply_timeout_s
        self._usual = Wait(0.0, max(whole_s / ASKS - 2.0 * LATE_S, LATE_S), whole_s)
        self._not_before_s = 0.0
        self._is_greeted = self._half_sent = self._is_available = self._is_another_bit = False
        self._is_unanswered = False
        self._until_s = inf  # of the clock: no question is waited for any longer
        self._deaf_until_s = -inf  # of the clock: what is sent before it answers may be lost, or not be taken
        self._is_to_revive = False
        self._trip_s = 0.0  # of a transfer without a line
        self._polled_s = LONGEST_TRIP_S  # the last one
        self._wary_until_s = -inf  # of the clock: somebody else uses the bus
        self._is_owed = False  # a line may still come that belongs to an earlier question

    def write(self, command: str) -> None:
        """Send one command."""
        if self._half_sent:
            self._discard_half(command)
        is_urgent = self._is_to_revive and command in (self.clears_before or ())
        if self._is_to_revive and not is_urgent:
            self._await_revival()
        if not self._is_greeted and not is_urgent:
            self._greet()
        if self._pause_s:
            self.clock.sleep_until(self._not_before_s)
        self.last_command = command
        self._send(command)
        if self._pause_s:
            self._not_before_s = self.clock.now() + self._pause_s

    def request(self, command: str, *, measures: bool = False) -> float:
        """Send one command that will be answered; return when, in the clock's time (s).

        A late answer to an earlier one is discarded first, and what waits unasked. `measures`: as in `Wait`.
        """
        if self._is_unanswered:
            self._drain()
        bit = self._bit = self._bits[measures]
        if not bit.is_proven or (bit.sign and self.clock.now() >= bit.look_from_s):
            self._look_before(bit)
        self.write(command)
        self._is_unanswered, self.is_seen = True, True
        self._is_available = self._is_another_bit = False
        self.asked_s = asked_s = self.clock.now()
        self.unready_s = 0.0
        return asked_s

    def query(self, command: str, timeout_s: float | None = None) -> str:
        """Send a question and return its answer without CR and LF, whatever it is; see `ask`.

        `timeout_s`: it is asked once and waited for so long.
        """
        wait = None if timeout_s is None else Wait(0.0, timeout_s, 0.0)
        return self.ask(command, str, "a whole line", wait)

    def ask(
        self,
        command: str,
        parse: Callable[[str], T],
        expected: str,
        wait: Wait | None = None,
        repeat: str = "",
    ) -> T:
        """Ask, and again where no answer came, or one that is torn or that `parse` refuses by ValueError.

        Only what may be asked twice: nothing that sets or switches. `expected`: the answer's form in words. `repeat`
        asks for the same answer again, where `command` would measure once more; then silence is not asked again.
        Each time is an incident. Raises BadReply or NoReply when the last time failed too.
        """
        wait = wait or self._usual
        try:
            return self._asked(command, wait, parse)
        except ValueError as refused:
            problem: DriverError = self._refused(command, refused, expected, 1)
        except NoReply as silence:
            if not self._is_unanswered or repeat:  # it was not even sent, or asking again would measure again
                raise
            problem = silence
            self.note("silent", "", 1)
        if not repeat:
            return self._ask_again(problem, command, wait, parse, expected, self.asked_s)
        ready_s, again = self.ready_s, self._usual._replace(measures=wait.measures)
        answer = self._ask_again(problem, repeat, again, parse, expected, self.clock.now())
        self.ready_s = ready_s  # of the result, which is only put out again
        return answer

    def read_when_ready(self, ready_at_s: float, deadline_s: float) -> str:
        """Sleep until `ready_at_s`, then poll until `deadline_s` (both in the clock's time); return one line.

        The line comes without CR and LF. Raises NoReply at the deadline.
        """
        self.clock.sleep_until(ready_at_s)
        polled_s = self.clock.now()
        line = self._look()
        return line if line is not None else self._poll(ready_at_s, deadline_s, polled_s)

    def clear(self) -> None:
        """Send a device clear: half-sent and half-read messages are discarded on both sides.

        What else it does differs from unit to unit: one may reset itself by it, be deaf for a while and forget how it
        was to end its lines. So it is greeted again, and asked whether it hears.
        """
        if not self._is_greeted:
            self._greet()
        self.last_command = "device clear"
        try:
            self._wire.clear()
        except self._wire.errors as error:
            raise self._translated(error) from error
        self._half_sent = self._is_available = self._is_owed = self._is_unanswered = False
        self.was_cleared = True
        if self.revival is not None:
            self._is_greeted, self._is_to_revive = False, True
            self._deaf_until_s = self.clock.now() + self.revival.within_s

    @contextmanager
    def hurried(self, within_s: float) -> Iterator[None]:
        """Wait for no answer any longer than until `within_s` (s) from now, however long it may take otherwise."""
        self._until_s = self.clock.now() + within_s
        try:
            yield
        finally:
            self._until_s = inf

    def local(self) -> None:
        """Return the instrument to local control; does nothing where the bus cannot."""
        self._wire.local()

    def reconnect(self, within_s: float = 30.0) -> None:
        """Reopen a broken connection within `within_s` of the clock (s), and clear the instrument.

        One that may be reset by that is only cleared of half a message, before the next command that may follow a
        device clear; what it still owes is no answer to what is asked then. Settings are unknown afterwards. Raises
        CannotOpen, NoReply, BusError, Interrupted.
        """
        self._is_greeted = self._is_unanswered = False
        try:
            self._wire.reopen(self.clock, within_s)
        except self._wire.errors as error:
            raise BusError(self.name, "reconnecting", error) from error
        if self.revival is None:
            self.clear()
        else:
            self._is_unanswered = True  # a line may have been on its way

    def look_for_strays(self) -> None:
        """Look whether a line waits that nobody here asked for, and discard it, where the instrument can show one.

        Raises BusError.
        """
        if self._bit.sign and not self._is_unanswered:
            self._look_before(self._bit)

    def take_astray(self) -> Astray | None:
        """Return what was found, since this was last asked, of answers that may not have been the own ones."""
        astray, self._astray = self._astray, None
        return astray

    def heard_by(self, ear: Ear) -> None:
        """Let `ear` hear every transfer from now on."""
        self._wire.heard_by(ear)

    @property
    def resource(self) -> Resource:
        """Get the underlying resource."""
        return self._wire.resource

    @property
    def reply_pending(self) -> bool:
        """Get whether an answer was requested and has not arrived."""
        return self._is_unanswered

    @property
    def result_mask(self) -> int:
        """Get the bits of the serial poll that announce a result of a measurement, as set or learnt; 0: none does."""
        return self._bits[True].mask

    def note(self, code: IncidentCode, raw: str, attempt: int = 1) -> None:
        """Keep an incident of the last command."""
        self.incidents.add(Incident(self.clock.now(), self.name, code, self.last_command, raw, attempt))

    # commands

    def _greet(self) -> None:
        """Send the greeting; where it fails, what follows it will say so."""
        self._is_greeted = True
        if not self.greeting:
            return
        try:
            self._send(self.greeting)
        except DriverError:
            self._is_greeted = False

    def _send(self, command: str) -> None:
        is_deaf = self._deaf_until_s > -inf and self.clock.now() < self._deaf_until_s
        try:
            self._wire.write((command + self._termination).encode("ascii"))
        except self._wire.errors as error:
            self._half_sent = not is_deaf  # else another device clear would only make it deaf anew
            raise self._translated(error) from error

    def _await_revival(self) -> None:
        """Wait until an instrument that a device clear may have reset answers; it is greeted before each question.

        One that never does is left to what is sent next: that says so.
        """
        revival, until_s = self.revival, min(self._deaf_until_s, self._until_s)
        self._is_to_revive = False  # what is sent here goes out
        while revival is not None and self.clock.now() < until_s:
            self._greet()
            with suppress(NoReply):
                asked_s = self.request(revival.question)
                self.read_when_ready(asked_s, min(asked_s + REVIVAL_EVERY_S, until_s))
                self._deaf_until_s = -inf
                return

    def _discard_half(self, command: str) -> None:
        """Discard half a message, which would swallow the next one."""
        if self.clears_before is not None and command not in self.clears_before:
            raise NoReply(
                self.name,
                command,
                0.0,
                "It took only a part of an earlier command. Check the cable and that no other controller is on the bus",
            )
        self.clear()

    # questions

    def _asked(self, command: str, wait: Wait, parse: Callable[[str], T]) -> T:
        """Ask once; raises ValueError with the line that is no answer."""
        asked_s = self.request(command, measures=wait.measures)
        line = self.read_when_ready(asked_s + wait.ready_s, asked_s + wait.again_s)
        if self._is_owed:
            line = self._newest(line)
        if self._wire.is_torn:
            raise ValueError(line)
        try:
            return parse(line)
        except ValueError:  # an answer to another one's question, perhaps: then the own one is still to come
            self._is_unanswered = True
            raise ValueError(line) from None

    def _ask_again(
        self,
        problem: DriverError,
        command: str,
        wait: Wait,
        parse: Callable[[str], T],
        expected: str,
        first_s: float,
    ) -> T:
        for attempt in range(2, wait.asks + 1):
            now_s = self.clock.now()
            if now_s - first_s >= wait.within_s or now_s >= self._until_s:
                break
            try:
                answer = self._asked(command, wait, parse)
            except ValueError as refused:
                problem = self._refused(command, refused, expected, attempt)
            except NoReply as silence:
                if not self._is_unanswered:
                    raise
                problem = silence
                self.note("silent", "", attempt)
            else:
                return answer
        if isinstance(problem, NoReply):
            raise NoReply(self.name, command, self.clock.now() - first_s, self._advice)
        raise problem

    def _refused(self, command: str, refused: ValueError, expected: str, attempt: int) -> BadReply:
        line = str(refused.args[0])
        self.note("torn" if self._wire.is_torn else "garbled", line, attempt)
        return BadReply(self.name, command, line, expected)

    def _drain(self) -> None:
        """Give the missing answer a little more time, so that it is not mistaken for the next one."""
        for line in self._late_lines():
            self.note("late", line)
        self._is_unanswered, self._is_owed = False, True

    def _look_before(self, bit: StatusBit) -> None:
        """Look at the status before a question is sent, and discard the lines that wait: they answer other questions.

        Somebody else's answer, taken for the own one, left that behind: each answer was then the one to the question
        before, for as long as nothing but readings were asked for. A bit that shows must show twice before a line is
        read: one poll may be garbled, and to some makes a read without a question is an error. One that brings no line
        is stuck, or means something else: neither changes what is known of it.
        """
        began_s = self.clock.now()
        if bit.is_proven and began_s < self._deaf_until_s:
            return
        status = self._status_if_any()
        looked_s = self.clock.now()
        took_s = min(looked_s - began_s, LONGEST_TRIP_S)
        self._trip_s = min(took_s, self._polled_s)  # one that was held up tells nothing
        self._polled_s = took_s
        discarded = 0
        for _ in range(MOST_UNASKED):
            now_s = self.clock.now()
            if not bit.is_believed(status, now_s) or now_s >= self._until_s:
                break
            if not bit.is_believed(status := self._status_if_any(), now_s):
                break
            with self._wire.short_reads(self._trip_s):
                line = self._read()
            if line is None:
                bit.read_in_vain(now_s)
                break
            self.note("late", line)
            discarded += 1
            if not (status := self._status_if_any()) & bit.sign and (changed := bit.has_shown()) is not None:
                self.note(changed, f"0 -> {bit.mask}")
        if not bit.is_proven:
            bit.before = status & ~bit.sign
        self._looked(bit, looked_s, discarded, is_clean=not status & bit.sign)

    def _looked(self, bit: StatusBit, looked_s: float, discarded: int, *, is_clean: bool) -> None:
        """Keep what a look at `looked_s` (s) has found, and say when to look again.

        Where lines waited, each answer since the last look that found none may be the one to the question before. Looks
        that are seldom on a slow bus are not enough for one that somebody else uses.
        """
        if discarded:
            earlier = self._astray
            since_s, lines = (earlier.since_s, earlier.lines) if earlier else (bit.clean_s, 0)
            self._astray = Astray(since_s, looked_s, lines + discarded)
            self._wary_until_s = looked_s + WARY_S
        if is_clean:
            bit.clean_s = looked_s
        every_s = 0.0 if looked_s < self._wary_until_s else max(LOOK_EVERY_S, self._trip_s / LOOK_SHARE)
        bit.look_from_s = looked_s + every_s

    def _newest(self, line: str) -> str:
        """Return the last of the lines that have come: one that was owed may have come before the answer."""
        for newer in self._late_lines():
            self.note("late", line)
            line = newer
        self._is_owed = False
        return line

    def _late_lines(self) -> list[str]:
        """Read what comes within a moment."""
        lines = []
        clock = self.clock
        until_s = min(clock.now() + LATE_S + 2.0 * self._trip_s, self._until_s)
        with self._wire.short_reads(self._trip_s):
            while (polled_s := clock.now()) < until_s:
                mask = self._bit.mask
                line = self._read() if not mask or self._status_if_any() & mask else None
                if line is not None:
                    lines.append(line)
                else:
                    clock.sleep_until(min(until_s, polled_s + self.settings.poll_interval_s))
        return lines

    # lines

    def _poll(self, ready_at_s: float, deadline_s: float, polled_s: float) -> str:
        """Look again and again for a line that was not there at `polled_s`; raises NoReply at the deadline."""
        clock, patience_s = self.clock, self._wire.patience_s
        deadline_s = min(deadline_s, self._until_s)
        if patience_s and HOST_SLICE_S < clock.slice_s < inf:  # a clock that runs faster than the host's
            deadline_s = max(deadline_s, ready_at_s + patience_s / HOST_SLICE_S * clock.slice_s)
        pause_s, doubt_s = FIRST_POLL_S, 0.0
        while True:
            self.unready_s = now_s = clock.now()
            if now_s >= deadline_s:
                return self._last_chance(now_s - self.asked_s)
            if self._is_another_bit and now_s - ready_at_s >= doubt_s:
                doubt_s = 2.0 * (now_s - ready_at_s)
                if (line := self._unannounced()) is not None:
                    return line
            pause_s = min(POLL_GROWTH * pause_s, self.settings.poll_interval_s)
            clock.sleep_until(min(deadline_s, polled_s + pause_s))
            polled_s = clock.now()
            if (line := self._look()) is not None:
                return line

    def _look(self) -> str | None:
        """Read a line if there is one."""
        bit = self._bit
        waiting = 0
        if bit.mask and not self._is_available:
            try:
                waiting = self._wire.poll()
            except self._wire.errors as error:
                raise self._translated(error) from error
            if not waiting & bit.mask:
                self._is_another_bit = bit.is_another(waiting)
                return None
            # until the line has arrived: a slow adapter may already have taken it off the bus
            self._is_available = True
            self.ready_s = self.clock.now()
        line = self._read()
        if line is not None:
            if not bit.mask:
                self.ready_s = self.clock.now()
            elif waiting and not bit.is_proven:
                self._learn(waiting)
        return line

    def _unannounced(self) -> str | None:
        """Read without a sign of the status, and learn from it which one there was."""
        waiting = self._status_if_any()
        with self._wire.short_reads(self._trip_s):
            line = self._read()
        if line is not None:
            self.ready_s = self.clock.now()
            self._learn(waiting)
        return line

    def _learn(self, waiting: int) -> None:
        expected = self._bit.mask
        if (changed := self._bit.learn(waiting, self._status_if_any())) is not None:
            self.note(changed, f"{expected} -> {self._bit.mask}")

    def _last_chance(self, waited_s: float) -> str:
        """Read once more: the bits of the status may differ on this unit from the settings, or have changed."""
        line = None
        if self._bit.mask:
            self._bit.doubt()
            line, self.is_seen = self._unannounced(), False
        if line is None:
            raise NoReply(self.name, self.last_command, waited_s, self._advice)
        return line

    def _read(self) -> str | None:
        try:
            line = self._wire.read()
        except self._wire.errors as error:
            raise self._translated(error) from error
        if line is not None:
            self._is_available = self._is_unanswered = False
            self._has_answered = True
        return line

    @property
    def _advice(self) -> str:
        """Get where to look when it is silent: no longer at its switches, once it has answered."""
        return "It has answered before: check its power and its cable" if self._has_answered else self._cure

    def _status(self) -> int:
        try:
            return self._wire.poll()
        except self._wire.errors as error:
            raise self._translated(error) from error

    def _status_if_any(self) -> int:
        """Poll where that can be done; 0 where it cannot, or where nothing answers."""
        if self._wire.can_poll:
            with suppress(NoReply):
                return self._status()
        return 0

    def _translated(self, error: Exception) -> DriverError:
        if is_timeout(error):
            return NoReply(self.name, self.last_command, self.settings.io_timeout_s, self._advice)
        return BusError(self.name, self.last_command, error)
