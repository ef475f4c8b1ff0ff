"""Who is told of which events."""

from solbench.acquisition.record.events import Edge, Sample
from solbench.acquisition.record.journal import Journal
from solbench.acquisition.record.progress import fold
from solbench.acquisition.record.recorder import Recorder
from tests.records import body


def test_a_listener_hears_what_it_asked_for(tmp_path):
    journal = Journal.create(tmp_path / "a.journal")
    told = {"all": [], "rare": [], "edges": [], "rare edges": [], "rare samples": []}
    recorder = Recorder(journal, fold([]), [told["all"].append])
    recorder.listen(told["rare"].append, samples=False)
    recorder.listen(told["edges"].append, Edge)
    recorder.listen(told["rare edges"].append, Edge, samples=False)
    recorder.listen(told["rare samples"].append, Sample, samples=False)
    words = ["header", "sample", "edge", "sample"]
    for word in words:
        recorder.emit(0.0, body(word))
    heard = {name: [event.kind for event in events] for name, events in told.items()}
    rare = {"rare": ["header", "edge"], "edges": ["edge"], "rare edges": ["edge"], "rare samples": []}
    assert heard == {"all": words, **rare}
    journal.close()
