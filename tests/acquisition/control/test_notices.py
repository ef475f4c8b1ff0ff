"""Notices that do not arrive."""

import pytest

from solbench.acquisition.control.notices import Notice, deliver

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.mark.parametrize(
    ("address", "words"), [("nonsense", "as apprise does"), ("json://127.0.0.1:1/", "did not reach")]
)
def test_what_does_not_arrive_is_said(address: str, words: str) -> None:
    assert words in deliver([address], Notice("a", "b", urgent=False), b"")
