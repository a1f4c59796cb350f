"""The table of masks."""

import csv
import io

import pytest

from scanwright.report import mask_cases_csv

from .builders import mask_outcomes
from .conftest import full_split


def test_every_case_and_class_is_a_row_with_all_digits() -> None:
    split = full_split("segmentation")
    rows = list(csv.DictReader(io.StringIO(mask_cases_csv([split]))))
    masks = mask_outcomes().masks
    assert masks is not None
    assert len(rows) == 24
    assert [rows[5][name] for name in ("split", "number", "case", "patient", "class", "unit")] == [
        *("test", "3", "scan 2", "2", "spleen", "ml")
    ]
    assert float(rows[5]["dice"]) == masks.values["dice"][2, 1]
    assert float(rows[5]["true"]) == pytest.approx(mask_outcomes().truth[2, 1])
    missed, invented = rows[7], rows[9]
    assert (missed["dice"], missed["hd95"], missed["precision"]) == ("0.0", "inf", "")
    assert (invented["sensitivity"], invented["volume_error"]) == ("", "inf")


def test_splits_without_masks_have_no_rows() -> None:
    assert mask_cases_csv([full_split("number")]) == ""
