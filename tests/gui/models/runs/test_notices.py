"""Notices reach whom they are for: a server stands for the addresses."""

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import cast

import pytest

from solbench.acquisition.control.registry import Entry
from solbench.gui.models.common.settings import Settings
from solbench.gui.models.context import Context
from solbench.gui.models.runs.notices import ADDRESSES, ALARMS, ENDS, Notice, Notices
from tests.gui.models.fakes import FakeJobs, until_idle

pytest.importorskip("apprise")
pytestmark = pytest.mark.filterwarnings(
    "ignore:'imghdr' is deprecated:DeprecationWarning"
)  # apprise imports it


class Inbox(HTTPServer):
    """Keeps what is posted."""

    def __init__(self) -> None:
        self.got: list[dict[str, object]] = []
        super().__init__(("127.0.0.1", 0), _Post)

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/"


class _Post(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Inbox)
        self.server.got.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def _own_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The threads in which apprise works would outlive the test."""
    with ThreadPoolExecutor(2) as names, ThreadPoolExecutor(2) as services, ThreadPoolExecutor(2) as batches:
        monkeypatch.setattr("apprise.utils.http._DNS_POOL", names)
        monkeypatch.setattr("apprise.apprise._shared_executor", services)
        monkeypatch.setattr("apprise.apprise._coordinator_executor", batches)
        yield


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    server = Inbox()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def context(tmp_path: Path) -> Context:
    made = Context(Settings(tmp_path / "desktop.json"))
    made.jobs = FakeJobs()
    return made


def entry_of(path: Path) -> Entry:
    return cast("Entry", SimpleNamespace(run="r", path=str(path), protocol="tiny", cell="nbh", pid=1))


def test_alarm_and_end_of_a_run_arrive_with_a_picture(
    context: Context, inbox: Inbox, finished: Path, tmp_path: Path
) -> None:
    made: list[Notice] = []
    notices = Notices(context, lambda: b"\x89PNG")
    notices.made.subscribe(made.append)
    context.settings.set_texts(ADDRESSES, [inbox.address])
    context.alarms.raise_alarm("Press STANDBY on the 1287.")
    shutil.copy(finished, tmp_path / "a.h5")
    context.live.set((entry_of(tmp_path / "a.h5"),))
    context.live.set(())
    until_idle(context.jobs)
    assert [notice.urgent for notice in made] == [True, False]
    texts = [str(post["message"]) for post in inbox.got]
    assert any("Press STANDBY" in text for text in texts)
    assert any("tiny on nbh: completed" in text for text in texts)
    assert all(post["attachments"] for post in inbox.got)
    context.settings.set(ALARMS, False)
    context.settings.set(ENDS, False)
    context.alarms.raise_alarm("another")
    context.live.set((entry_of(tmp_path / "a.h5"),))
    context.live.set(())
    until_idle(context.jobs)
    assert len(made) == 2
