"""The columns are those of run files: a file of 0.1.0 has each, with its type and unit."""

import h5py
import numpy as np

from solbench.acquisition.record.columns import POINT, POINT_COLUMNS, SAMPLE, SAMPLE_COLUMNS
from solbench.acquisition.record.events import Point, Sample
from solbench.acquisition.record.reader import open_run
from tests.acquisition.runs import RUNS_0_1
from tests.modules import ROOT


def test_a_file_of_0_1_0_has_every_column_with_its_type_and_unit():
    with h5py.File(RUNS_0_1 / "short.h5", "r") as file:
        spectrum = file["entry/spectra/0001"]
        for group, columns in ((file["entry/samples"], SAMPLE_COLUMNS), (spectrum, POINT_COLUMNS)):
            for column in columns:
                if column.dataset and column.before is None:
                    dataset = group[column.dataset]
                    assert dataset.dtype == np.dtype(column.dtype), column
                    assert dataset.attrs["units"] == column.unit, column
                elif not column.dataset:
                    assert column.field in group.attrs, column


def test_what_0_1_0_did_not_write_has_the_value_that_is_true_of_it():
    points = open_run(RUNS_0_1 / "short.h5").points
    assert len(points)
    assert points["raw_real_ohm"].tolist() == points["real_ohm"].tolist()
    assert points["raw_imaginary_ohm"].tolist() == points["imaginary_ohm"].tolist()
    assert not points["correction_stderr_ohm"].any()
    assert not points["untrusted"].any()


def test_the_page_on_files_lists_every_column():
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    listed = {column.dataset for column in (*SAMPLE_COLUMNS, *POINT_COLUMNS) if column.dataset}
    assert {name for name in listed if f"`{name}`" not in page} == set()


def test_every_column_is_a_field_of_the_record_that_it_comes_from():
    made = {"seq", "time_s"}
    assert set(SAMPLE.names) - made - set(Sample.__slots__) == {"cycle", "flags"}
    assert set(POINT.names) - made == set(Point.__slots__)
