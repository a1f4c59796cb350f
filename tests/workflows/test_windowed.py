"""What courses of windows share: keys of cases, and which cores look."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from tests.workflows.conftest import OutlinedRun
from tests.workflows.test_mask_course import fit_with

from scanwright.image import Box, BoxesTarget
from scanwright.workflows.prepare import files_key
from scanwright.workflows.windowed import _case_key, all_cores


def test_a_case_is_prepared_anew_when_its_mask_has_changed(tmp_path: Path) -> None:
    image, mask = tmp_path / "image.png", tmp_path / "mask.png"
    image.write_bytes(b"image")
    mask.write_bytes(b"mask")
    entry = SimpleNamespace(files=(image,), target=None)
    alone = files_key([entry])  # type: ignore[arg-type]  # a key asks for the files only
    assert files_key([entry]) == alone  # type: ignore[arg-type]  # as above
    entry.files = (image, mask)
    before = files_key([entry])  # type: ignore[arg-type]  # as above
    mask.write_bytes(b"other mask")
    assert len({alone, before, files_key([entry])}) == 3  # type: ignore[arg-type]  # as above


def test_a_case_is_prepared_anew_when_its_boxes_have_changed(tmp_path: Path) -> None:
    image = tmp_path / "image.png"
    image.write_bytes(b"image")
    boxes = (Box((0.0, 0.0), (2.0, 3.0), "nodule"),)
    keys = set()
    for target in (None, BoxesTarget(()), BoxesTarget(boxes), BoxesTarget(boxes * 2)):
        entry = SimpleNamespace(files=(image,), target=target)
        keys.add(_case_key(entry))  # type: ignore[arg-type]  # a key asks for files and boxes only
    assert len(keys) == 4


def test_outlining_takes_the_cores_that_networks_were_trained_on(
    outlined_run: OutlinedRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = fit_with(outlined_run)
    assert all_cores(alone) is alone.compute
    before = torch.get_num_threads()
    monkeypatch.setenv("SCANWRIGHT_THREADS", "2")
    two = fit_with(outlined_run, training__members=2, training__workers=2, schedule__steps=(30, 30))
    try:
        found = all_cores(two)
        assert (found.threads, torch.get_num_threads()) == (2, 2)
        assert (found.device, found.autocast) == (two.compute.device, two.compute.autocast)
    finally:
        torch.set_num_threads(before)
