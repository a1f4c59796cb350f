"""What a model is asked about, from files and folders."""

from pathlib import Path

import numpy as np
import pytest

from scanwright.base import InputError
from scanwright.image import Geometry, Image
from scanwright.inference import InputLimits
from scanwright.io import write
from scanwright.workflows.inputs import Inputs


def limits(rank: int = 3, channels: int = 1) -> InputLimits:
    return InputLimits(rank=rank, channels=(channels,), smallest=(4,) * rank, largest=(9,) * rank)


def put(path: Path, rank: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(len(path.name))
    array = rng.integers(0, 255, (1, *(6,) * rank), np.uint8)
    write(Image(array, Geometry.pixels(rank)), path)
    return path


def test_every_file_of_a_folder_is_asked_about_refused_or_skipped(tmp_path: Path) -> None:
    put(tmp_path / "a.nii.gz")
    put(tmp_path / "b" / "a.nrrd")
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / "broken.png").write_bytes(b"")
    given = Inputs(limits())
    found = given.find([tmp_path])
    assert [asked.stem for asked in found] == ["a", "a-2"]
    assert len(found) + len(given.refused) + len(given.skipped) == 4
    assert found[0].reference.read().size == (6, 6, 6)


def test_no_two_cases_write_to_one_file(tmp_path: Path) -> None:
    for place in ("1", "2", "3"):
        put(tmp_path / place / "a.nii.gz")
    put(tmp_path / "4" / "a-2.nii.gz")
    stems = [asked.stem for asked in Inputs(limits()).find([tmp_path])]
    assert len(set(stems)) == 4


def test_channels_of_a_case_are_put_together_where_the_model_takes_several(tmp_path: Path) -> None:
    for case in ("p1", "p2"):
        for channel in range(2):
            put(tmp_path / f"{case}_{channel:04d}.nii.gz")
    two = Inputs(limits(channels=2)).find([tmp_path])
    assert [asked.stem for asked in two] == ["p1", "p2"]
    assert two[0].reference.read().array.shape == (2, 6, 6, 6)
    one = Inputs(limits()).find([tmp_path])
    assert len(one) == 4


def test_a_case_that_lacks_a_channel_is_left_in_pieces_to_be_refused(tmp_path: Path) -> None:
    put(tmp_path / "p1_0000.nii.gz")
    (asked,) = Inputs(limits(channels=2)).find([tmp_path])
    assert asked.stem == "p1_0000"


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        Inputs(limits()).find([tmp_path / "gone"])
