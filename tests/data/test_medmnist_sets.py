import re

import pytest

from scanwright.data.medmnist_sets import MEDMNIST_SETS, file_name, set_named_by
from scanwright.image import Modality

# Number of labels of each set, as in Table 2 of Yang et al. (2023).
LABELS = {
    **{"pathmnist": 9, "chestmnist": 14, "dermamnist": 7, "octmnist": 4, "pneumoniamnist": 2},
    **{"retinamnist": 5, "breastmnist": 2, "bloodmnist": 8, "tissuemnist": 8},
    **{"organamnist": 11, "organcmnist": 11, "organsmnist": 11, "organmnist3d": 11},
    **{"nodulemnist3d": 2, "adrenalmnist3d": 2, "fracturemnist3d": 3, "vesselmnist3d": 2},
    "synapsemnist3d": 2,
}


def test_all_eighteen_sets_are_there_with_their_labels() -> None:
    assert {name: len(known.labels) for name, known in MEDMNIST_SETS.items()} == LABELS
    assert all(len(set(known.labels)) == len(known.labels) for known in MEDMNIST_SETS.values())


def test_checksums_are_md5_and_each_once() -> None:
    sums = [md5 for known in MEDMNIST_SETS.values() for md5 in known.md5.values()]
    assert all(re.fullmatch("[0-9a-f]{32}", md5) for md5 in sums)
    assert len(set(sums)) == len(sums) == 12 * 4 + 6 * 2


def test_kinds_and_modalities_are_those_published() -> None:
    assert MEDMNIST_SETS["chestmnist"].kind == "findings"
    assert MEDMNIST_SETS["retinamnist"].kind == "grade"
    assert MEDMNIST_SETS["breastmnist"].modality is Modality.ULTRASOUND
    assert MEDMNIST_SETS["organamnist"].modality is Modality.CT
    assert MEDMNIST_SETS["pathmnist"].modality is Modality.OTHER


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("breastmnist", "breastmnist"),
        ("OrganMNIST3D_64", "organmnist3d"),
        ("organmnist3dx", ""),
        ("breastmnistic", ""),
        ("my_breastmnist", ""),
    ],
)
def test_sets_are_told_by_the_beginning_of_the_name(stem: str, name: str) -> None:
    assert set_named_by(stem) == name


def test_files_are_called_as_published() -> None:
    assert file_name("pathmnist", 28) == "pathmnist.npz"
    assert file_name("pathmnist", 224) == "pathmnist_224.npz"
