import pytest

from solbench.protocols.quantities.durations import format_duration, format_size


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (90, "90 s"),
        (2700, "45 min"),
        (63360, "17.6 h"),
        (86400 * 12.5, "300 h = 12 days"),
        (20_000 * 3600, "20 000 h = 2.3 years"),
        (3.6e15, "1 000 000 000 000 h = 114 077 116 years"),
    ],
)
def test_durations_as_people_read_them(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"), [(12, "12 bytes"), (340e3, "340 kB"), (2.4e6, "2.4 MB"), (1.2e9, "1.2 GB")]
)
def test_sizes_as_people_read_them(size: float, text: str) -> None:
    assert format_size(size) == text
