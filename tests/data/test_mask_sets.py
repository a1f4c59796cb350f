"""The public sets of images and masks are recognised, or refused with a sensible word."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.data import IndexOptions, SplitOptions, index_data, read_case, split_index
from scanwright.image import MaskTarget

Shared = Callable[[str], Path]


def test_lungs_of_two_sites(shared_data: Shared) -> None:
    index = index_data(shared_data("segmentation/lung_cxr_montgomery_shenzhen"))
    assert index.described.startswith("folders of images and masks (images/, masks/): 704 images")
    assert index.task.labels == ("label 1",)
    assert Counter(entry.site for entry in index.entries) == {"shenzhen": 566, "montgomery": 138}
    assert not index.skipped
    assert not index.unlabelled
    target = read_case(index.entries[0]).target
    assert isinstance(target, MaskTarget)
    assert sorted(np.unique(target.labels.array)) == [0, 1]


def test_hippocampus_in_nnunets_folds(shared_data: Shared) -> None:
    folder = shared_data("segmentation/hippocampus_msd04")
    options = IndexOptions(
        split_file=folder / "nnunet_cv_reference.csv",
        order=("Anterior", "Posterior"),
        modality="mri",
    )
    index = index_data(folder, options)
    assert "260 MRI volumes with 2 outlined structures (Anterior, Posterior)" in index.described
    odd = [one for one in index.files.other if "odd_cases" in one.source]
    assert len(odd) == 3
    # Two labels are stored as floats.
    by_name = {entry.name: entry for entry in index.entries}
    for name in ("hippocampus_003", "hippocampus_243"):
        target = read_case(by_name[name]).target
        assert isinstance(target, MaskTarget)
        assert sorted(np.unique(target.labels.array)) == [0, 1, 2]
    plan = split_index(index, SplitOptions(folds=5))
    assert [len(fold.validation) for fold in plan.folds] == [52] * 5
    assert not plan.test
    assert "hippocampus_001" in {entry.name for entry in plan.folds[3].validation}


def test_nrrd_pairs(shared_data: Shared) -> None:
    index = index_data(shared_data("segmentation/nrrd_pyradiomics"))
    assert "3 volumes with 4 outlined structures" in index.described


def test_masks_of_several_kinds_are_refused(shared_data: Shared) -> None:
    with pytest.raises(LabelError, match=r"partial labels.*path and mask"):
        index_data(shared_data("segmentation/spinal_cord_sct"))


def test_a_folder_of_examples_is_refused(shared_data: Shared) -> None:
    with pytest.raises(LabelError, match=r"different grids.*path and mask"):
        index_data(shared_data("segmentation/ct_mr_totalsegmentator_example"))


def test_examples_are_read_by_a_table(shared_data: Shared, tmp_path: Path) -> None:
    folder = shared_data("segmentation/ct_mr_totalsegmentator_example")
    table = tmp_path / "table.csv"
    rows = ["example_ct_sm,example_seg", "example_mr_sm,example_seg_mr", "example_ct,example_seg"]
    table.write_text("\n".join(["path,mask", *rows]))
    index = index_data(folder, IndexOptions(labels=table))
    assert [entry.name for entry in index.entries] == ["example_ct_sm", "example_mr_sm"]
    assert "mask 30 × 101 × 122" in index.skipped[0].reason
    assert "image 112 × 101 × 122" in index.skipped[0].reason
    assert index.task.scheme is not None
    assert len(index.task.scheme.names) >= 41
