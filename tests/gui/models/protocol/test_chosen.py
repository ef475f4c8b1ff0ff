"""The protocol that the window begins with."""

import pytest

from solbench.gui.models.common.settings import Settings
from solbench.gui.models.protocol.chosen import HALF_CELL, last_protocol


@pytest.mark.parametrize(("kept", "begun"), [(None, HALF_CELL), ("gone.yaml", HALF_CELL), ("gitt", "gitt")])
def test_what_was_chosen_last_is_taken_up_where_it_is_still_there(tmp_path, kept, begun):
    settings = Settings(tmp_path / "settings.json")
    if kept is not None:
        settings.set("protocol", kept)
    assert last_protocol(settings) == begun


def test_a_file_of_the_user_is_taken_up(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("")
    settings = Settings(tmp_path / "settings.json")
    settings.set("protocol", str(file))
    assert last_protocol(settings) == str(file)
