"""What a bench may do with its commissioning, what it is told early, and that nothing stops what was begun."""

from datetime import UTC, datetime, timedelta

import pytest

from solbench.acquisition.bench.bench_file import BenchFile, FoundRecord, load_bench, parse_bench
from solbench.acquisition.bench.commissioning.record import STEPS, CommissioningRecord
from solbench.acquisition.bench.commissioning.standing import concludes, remarks, require_commissioned
from solbench.protocols.errors import BadInput
from tests.acquisition.bench.commissioning.records import MADE, record

LAB = """
name: lab
kind: visa
positive_terminal: we_re2
analyzer_1260: {address: "GPIB0::4::INSTR"}
potentiostat_1287: {address: "GPIB0::6::INSTR"}
"""
SOON = MADE + timedelta(days=10)


def bench(made: CommissioningRecord | None = None, more: str = "", text: str = LAB) -> BenchFile:
    read = parse_bench(text + more, "lab.yaml")
    return (
        read if made is None else read.with_record(FoundRecord("lab.commissioning.json", made.text(), made))
    )


def refusal(of: BenchFile, now: datetime = SOON, spectra: bool = False) -> str:
    require_commissioned(of, now, dummy_cell=True, spectra=spectra)
    try:
        require_commissioned(of, now, dummy_cell=False, spectra=spectra)
    except BadInput as error:
        return str(error)
    return ""


@pytest.mark.parametrize("step", STEPS)
def test_direct_current_needs_a_c_d_i_j_and_spectra_need_e_to_h_too(step):
    lacking = bench(record(but=step))
    direct, spectra = refusal(lacking), refusal(lacking, spectra=True)
    assert bool(direct) == (step in "ACDIJ")
    assert bool(spectra) == (step not in "BK")
    for told in (direct, spectra):
        assert not told or (
            f"the step {step} (" in told and "--dummy-cell" in told and "field commissioning:" in told
        )
    assert concludes(lacking, "") == (step not in "EFGH")


def test_a_bench_without_a_record_drives_dummy_cells_alone():
    assert "no commissioning record; the steps A (talk), C" in refusal(bench())
    assert not concludes(bench(), "")


def test_a_typed_date_of_0_1_0_is_told_what_is_missing_and_what_works():
    old = bench(more="commissioned: 2026-09-30\n")
    assert refusal(old) == ""
    told = refusal(old, spectra=True)
    assert "direct current alone, which still works" in told
    assert all(f"{step} (" in told for step in "EFGH")
    assert "A (" not in told
    assert "2026-09-30" in refusal(old, datetime(2027, 10, 2, tzinfo=UTC))
    assert not concludes(old, "")


def test_a_typed_date_that_is_to_come_begins_nothing():
    later = bench(more="commissioned: 2099-09-30\n")
    assert "dated 2099-09-30, a day to come" in refusal(later)
    assert any("a day to come" in one for one in remarks(later, SOON))
    today = bench(more=f"commissioned: {SOON.date()}\n")
    assert refusal(today) == ""


def test_a_record_holds_for_twelve_months_and_says_thirty_days_before():
    good = bench(record())
    ends = MADE + timedelta(days=366)
    assert remarks(good, ends - timedelta(days=31)) == ()
    [early] = remarks(good, ends - timedelta(days=29))
    assert "2027-10-02" in early
    assert refusal(good, ends - timedelta(seconds=1), spectra=True) == ""
    assert "more than twelve months ago" in refusal(good, ends)
    [late] = remarks(good, ends + timedelta(days=1))
    assert "one that was begun goes on" in late
    assert concludes(good, "")  # the run that was begun


def test_other_instruments_adapters_and_cables_are_told_and_refuse_nothing():
    made = record(adapter="USB PX123", cables="set 1")
    other = bench(made, "cables: set 2\nvisa_library: '@py'\n")
    found = remarks(other, SOON, {"1287": "1287 12870002", "1260": "anything"})
    assert [word for word in ("1287 12870002", "adapter", "cables") if any(word in one for one in found)] == [
        "1287 12870002",
        "adapter",
        "cables",
    ]
    assert refusal(other, spectra=True) == ""
    same = bench(made.model_copy(update={"adapter": "VISA @py"}), "cables: set 1\nvisa_library: '@py'\n")
    assert remarks(same, SOON, {"1287": "1287 12870001"}) == ()


def test_a_simulated_bench_needs_none_to_begin_and_concludes_only_if_it_is_ideal_or_commissioned():
    simulated_text = "name: lab\nkind: simulated\npositive_terminal: we_re2\n"
    simulated = bench(text=simulated_text)
    assert refusal(simulated, spectra=True) == ""
    assert remarks(bench(text=f"{simulated_text}simulation: {{unit: ideal}}\n"), SOON) == ()
    [told] = remarks(bench(text=f"{simulated_text}simulation: {{unit: 7}}\n"), SOON)
    assert told.startswith("nothing will be concluded from spectra: the steps E")
    no_analyzer = "name: lab\nkind: simulated\nmodel: keithley2400\nsimulation: {unit: 7}\n"
    assert remarks(bench(text=no_analyzer), SOON) == (), "it takes no spectra from which to conclude"
    assert concludes(simulated, "ideal")
    assert not concludes(simulated, "7")
    commissioned = simulated.with_record(FoundRecord("r", "", record(unit="7")))
    assert concludes(commissioned, "7")


def test_the_record_lies_beside_the_bench_file_or_where_that_says(tmp_path):
    path = tmp_path / "lab.yaml"
    path.write_text(LAB)
    assert load_bench(str(path))[0].record is None
    record().write(tmp_path / "lab.commissioning.json")
    found = load_bench(str(path))[0].record
    assert found is not None
    assert found.record == record()
    (tmp_path / "old").mkdir()
    record(but="E").write(tmp_path / "old" / "october.json")
    path.write_text(LAB + "commissioning: old/october.json\n")
    assert load_bench(str(path))[0].record.record == record(but="E")
    path.write_text(LAB + "commissioning: older.json\n")
    with pytest.raises(BadInput, match=r"lab.yaml, field commissioning: .*older.json is not in"):
        load_bench(str(path))


@pytest.mark.parametrize(("given", "field"), [({"bench": "other"}, "bench"), ({"unit": "7"}, "unit")])
def test_the_record_of_another_bench_is_refused(given, field):
    with pytest.raises(BadInput) as caught:
        bench(record(**given))
    assert (caught.value.file, caught.value.field) == ("lab.commissioning.json", field)
