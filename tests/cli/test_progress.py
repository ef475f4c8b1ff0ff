"""The lines of a run that goes on."""

from solbench.acquisition.record.events import Alarm, Event
from solbench.cli.progress import Progress


def test_an_alarm_is_told_when_it_comes_for_the_run_may_wait_for_whoever_reads_it(capsys):
    told = Progress(area_m2=1e-4)
    told(Event(1, 3661.0, Alarm(text="Press the electrode. The run waits", code="prompt")))
    assert capsys.readouterr().err == "01:01:01  Press the electrode. The run waits\n"
