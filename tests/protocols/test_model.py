from solbench.protocols.model import join, meant, user_path


def test_a_misspelt_word_is_answered_with_the_one_that_is_closest_or_all() -> None:
    assert meant("Volatge", ["voltage", "current"]) == "Did you mean 'voltage'? There are: current, voltage"
    assert meant("colour", ["voltage"]) == "There are: voltage"
    assert meant("colour", []) == "There are none"


def test_a_place_is_written_with_steps_by_name() -> None:
    data = {"steps": [{"name": "a", "kind": "rest"}, {"kind": "rest"}]}
    assert user_path(("steps", 0, "rest", "time"), data) == "steps.a.time"
    assert user_path(("steps", 1, "rest", "time"), data) == "steps[2].time"
    assert join("", "a") == join("a", "") == "a"
