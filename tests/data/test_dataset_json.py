"""dataset.json is read in the forms of the Decathlon and of both versions of nnU-Net."""

from pathlib import Path

import pytest

from scanwright.base import FileError, LabelError
from scanwright.data.dataset_json import read_dataset_file
from scanwright.image import Modality
from tests.data.mask_builders import put_json

BARE: dict[str, object] = {"modality": {"0": "CT"}, "labels": {"0": "background", "1": "a"}}


@pytest.mark.parametrize(
    ("channels", "modality"),
    [
        ({"0": "CT"}, Modality.CT),
        ({"0": "MRI"}, Modality.MRI),
        ({"1": "T1gd", "0": "FLAIR", "2": "t2w"}, Modality.MRI),
        ({"0": "CT", "1": "PET"}, Modality.UNKNOWN),
        ("X-ray", Modality.XRAY),
        (["R", "G", "B"], Modality.UNKNOWN),
    ],
)
def test_channels_say_how_images_were_made(
    tmp_path: Path, channels: object, modality: Modality
) -> None:
    data = read_dataset_file(put_json(tmp_path / "d.json", BARE | {"channel_names": channels}))
    assert data.modality is modality


def test_channels_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    named = {str(number): f"c{number}" for number in range(11, -1, -1)}
    data = read_dataset_file(put_json(tmp_path / "d.json", BARE | {"modality": named}))
    assert data.channels == tuple(f"c{number}" for number in range(12))


def test_training_cases_of_both_forms(tmp_path: Path) -> None:
    listed = [{"image": "i/a.nii.gz", "label": "l/a.nii.gz", "labels": ["b"]}]
    two = {"0": "background", "1": "a", "2": "b"}
    data = read_dataset_file(
        put_json(tmp_path / "d.json", BARE | {"labels": two, "training": listed})
    )
    assert data.training == ((("i/a.nii.gz",), "l/a.nii.gz"),)
    assert data.partial == {"l/a.nii.gz": ("b",)}
    by_case = {"a": {"images": ["x_0000.png", "x_0001.png"], "label": "y.png"}}
    data = read_dataset_file(put_json(tmp_path / "d.json", BARE | {"dataset": by_case}))
    assert data.training == ((("x_0000.png", "x_0001.png"), "y.png"),)
    assert not data.partial


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"modality": {"0": "CT"}}, LabelError),
        ({"labels": {"a": 1}}, FileError),
        (BARE | {"modality": {"first": "CT"}}, FileError),
        (BARE | {"labels": {"a": [1, 2], "b": 2}}, LabelError),
        (BARE | {"regions_class_order": [1, 2]}, LabelError),
    ],
)
def test_what_cannot_be_understood_is_refused(
    tmp_path: Path, content: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        read_dataset_file(put_json(tmp_path / "d.json", content))
