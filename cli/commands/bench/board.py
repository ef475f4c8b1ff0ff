"""`solbench board`: show the benches of a lab on one board, over an MQTT broker. No command can be given this way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from solbench.acquisition.host.platform import write_whole
from solbench.cli.board.mqtt import Broker, Channel, broker_at, listen
from solbench.cli.board.page import MARK
from solbench.cli.board.page import page as page_of
from solbench.cli.board.states import Watcher
from solbench.cli.inputs import read_secret
from solbench.cli.output import COMPLETED, errors_in_words, say
from solbench.protocols.errors import BadInput
from solbench.protocols.files import read_text

app = typer.Typer(
    help="Show the benches of a lab on one board, over an MQTT broker. No command can be given this way.",
    no_args_is_help=True,
)

BrokerArgument = Annotated[
    str, typer.Argument(metavar="BROKER", help="HOST, HOST:PORT, mqtt://HOST or mqtts://HOST (TLS).")
]
UserOption = Annotated[str, typer.Option("--user", help="User name at the broker.")]
PasswordOption = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="A file whose first line is the password."),
]
TopicOption = Annotated[str, typer.Option("--topic", help="The first part of the topics.")]
EveryOption = Annotated[float, typer.Option("--every", min=0.2, metavar="S", help="Interval in seconds.")]


@app.command("publish")
def publish(
    broker: BrokerArgument,
    user: UserOption = "",
    password_file: PasswordOption = None,
    topic: TopicOption = "solbench",
    every: EveryOption = 2.0,
) -> None:
    """Tell a broker what the benches of this PC do, until Ctrl-C; if this PC dies, it says "cell unknown"."""
    with errors_in_words(), _until_stopped() as stopped:
        to = _broker(broker, user, password_file, topic)
        watcher, channels = Watcher(), dict[str, Channel]()
        say(f"telling {to.host}:{to.port} what the benches of this PC do; Ctrl-C ends it, the runs go on")
        try:
            while True:
                for state in watcher.look():
                    if state.topic in channels:
                        channels[state.topic].tell(state)
                    else:
                        channels[state.topic] = Channel(to, state, say)
                for over in [topic for topic, channel in channels.items() if channel.is_over]:
                    channels.pop(over).close()
                if stopped.wait(every):
                    break
        finally:
            for channel in channels.values():
                channel.close()
            watcher.close()
    raise typer.Exit(COMPLETED)


@app.command("page")
def page(
    broker: BrokerArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.html", help="The page; it is rewritten whenever a state arrives.")
    ],
    user: UserOption = "",
    password_file: PasswordOption = None,
    topic: TopicOption = "solbench",
    every: EveryOption = 2.0,
) -> None:
    """Keep one plain page of all benches known to a broker up to date, until Ctrl-C."""
    with errors_in_words(), _until_stopped() as stopped:
        _require_page(file)
        states: dict[str, dict[str, Any]] = {}
        of = _broker(broker, user, password_file, topic)
        write_whole(file, page_of(states))  # a place that cannot be written is told before a broker is asked
        end = listen(of, states.__setitem__, say)
        try:
            while True:
                write_whole(file, page_of(dict(states)))
                if stopped.wait(every):
                    break
        finally:
            end()
    raise typer.Exit(COMPLETED)


def _broker(broker: str, user: str, password_file: Path | None, topic: str) -> Broker:
    return broker_at(broker, user, read_secret(password_file) if password_file else "", topic)


def _require_page(file: Path) -> None:
    """Raise BadInput where the file is there and is no page of a board: it would be written over."""
    if not file.exists() or file.is_dir() or MARK in read_text(file, str(file)):
        return
    raise BadInput(
        "this file exists already and is no page of a board", "Choose another name", file=str(file)
    )


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """Give an event to wait for; Ctrl-C ends the waiting without a word of error."""
    try:
        yield threading.Event()
    except KeyboardInterrupt:
        say("ended; the runs go on")
