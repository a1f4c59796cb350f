"""Spoilt masks are found on written files, and sound ones are left alone."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.auditing import CHECKS, NotChecked, examine, take_survey
from scanwright.data import index_data
from tests.auditing.builders import bodies, survey_of
from tests.data.mask_builders import make_folders, noise, put_json, put_png

SIZE = (40, 44)


def blob(seed: int, value: int = 1) -> np.ndarray:
    """Return a mask that no other seed has, away from the edge."""
    mask = np.zeros(SIZE, np.uint8)
    down, right = 4 + seed % 7, 5 + seed % 5
    mask[down : down + 12 + seed % 3, right : right + 14] = value
    return mask


def folder_of(root: Path, changed: dict[str, np.ndarray], count: int = 12) -> Path:
    return make_folders(root, {f"c{n:02d}": blob(n) for n in range(count)} | changed)


def found(root: Path) -> dict[str, object]:
    audit = examine(take_survey(index_data(root), does_compare=False))
    return {one.kind: one for one in audit.findings}


def test_sound_masks_give_no_finding(tmp_path: Path) -> None:
    assert not [kind for kind in found(folder_of(tmp_path, {})) if kind.startswith("mask")]


def test_an_empty_mask(tmp_path: Path) -> None:
    one = found(folder_of(tmp_path, {"c03": blob(3, 0)}))["mask-empty"]
    assert one.what == "1 mask is empty: c03."


def test_a_tiny_outline(tmp_path: Path) -> None:
    mask = np.zeros(SIZE, np.uint8)
    mask[20, 20] = 1
    one = found(folder_of(tmp_path, {"c03": mask}))["mask-tiny"]
    assert one.words["c03"].startswith("“label 1”: 1 element, median 1")


def test_an_exchanged_mask(tmp_path: Path) -> None:
    mask = np.ones(SIZE, np.uint8)
    mask[3:6, 3:6] = 0
    one = found(folder_of(tmp_path, {"c03": mask}))["mask-full"]
    assert one.cases == ("c03",)


def test_an_outline_cut_by_the_edge(tmp_path: Path) -> None:
    one = found(folder_of(tmp_path, {"c03": np.roll(blob(3), 25, 1)}))["mask-edge"]
    assert one.cases == ("c03",)


def test_images_cropped_to_the_structure_are_no_finding(tmp_path: Path) -> None:
    cut = {f"c{n:02d}": np.roll(blob(n), 30, 1) for n in range(6)}
    assert "mask-edge" not in found(folder_of(tmp_path, cut))


def test_one_mask_of_two_images(tmp_path: Path) -> None:
    audit = found(folder_of(tmp_path, {"c03": blob(4), "c04": blob(4)}))
    assert audit["mask-copies"].groups == (("c03", "c04"),)


def test_a_rare_structure(tmp_path: Path) -> None:
    mask = blob(3)
    mask[30:36, 2:8] = 2
    one = found(folder_of(tmp_path, {"c03": mask}))["mask-rare"]
    assert "label 2: 1" in one.what
    assert one.severity.value == "alarm"


def test_one_picture_under_two_masks(tmp_path: Path) -> None:
    folder_of(tmp_path, {})
    for name in ("c03", "c04", "c05"):
        put_png(tmp_path / "images" / f"{name}.png", noise(99, SIZE))
    put_png(tmp_path / "masks" / "c05.png", blob(4))
    audit = found(tmp_path)
    assert audit["contradictions"].groups == (("c03", "c04", "c05"),)
    put_png(tmp_path / "masks" / "c03.png", blob(4))
    audit = found(tmp_path)
    assert "contradictions" not in audit
    assert "copies" in audit


def test_masks_that_cannot_be_used_are_listed(tmp_path: Path) -> None:
    folder_of(tmp_path, {"c03": blob(3, 7), "c04": blob(4)[:, :-1]})
    put_json(tmp_path / "labels.json", {"1": "lung"})
    put_png(tmp_path / "images" / "c04.png", noise(4, SIZE))
    what = found(tmp_path)["unreadable"].what
    assert "holds 7, which stands for nothing" in what
    assert "mask 40 × 43 pixels; image 40 × 44 pixels" in what


@pytest.mark.parametrize("name", [name for name in CHECKS if name.startswith("mask")])
def test_without_masks_there_is_nothing_to_check(name: str) -> None:
    with pytest.raises(NotChecked):
        CHECKS[name].run(survey_of(bodies(2), "ab"))
