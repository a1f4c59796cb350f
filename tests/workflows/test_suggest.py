"""Images without a label are ranked; copies and the test part are no bait."""

import csv
import io as text
from pathlib import Path

import numpy as np
import pytest

from scanwright.base import InputError, RecipeError
from scanwright.bundle import Bundle, write_bundle
from scanwright.data import IndexOptions
from scanwright.image import Image
from scanwright.inference import Decision, InputLimits, choose_compute
from scanwright.io import write
from scanwright.recipe import Recipe, assemble_network
from scanwright.selection import ChooseOptions
from scanwright.workflows.suggest import SuggestOptions, suggest


def write_small_bundle(
    folder: Path,
    labels: tuple[str, ...] = ("well", "ill"),
    *,
    kind: str = "classes",
    outputs: int = 2,
    loss: str = "cross_entropy",
    size: tuple[int, ...] = (16, 16),
) -> Path:
    """Write a bundle of two networks that were never trained."""
    recipe = Recipe.model_validate(
        {
            "task": {"kind": kind, "labels": labels},
            "preprocessing": ({"kind": "range"},),
            "network": {
                "name": "compact",
                "rank": len(size),
                "size": size,
                "width": 0.25,
                "outputs": outputs,
            },
            "loss": {"name": loss},
        }
    )
    weights = tuple(dict(assemble_network(recipe, seed=seed).state_dict()) for seed in (3, 4))
    limits = InputLimits(rank=len(size), channels=(1,), smallest=size, largest=size)
    made = Bundle(recipe, weights, Decision(thresholds=(0.5,) * len(labels)), limits)
    write_bundle(made, folder, choose_compute("cpu"))
    return folder


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_small_bundle(tmp_path / "bundle")


def write_noise(path: Path, seed: int, edge: int = 16) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (1, edge, edge), np.uint8)
    write(Image.from_array(pixels), path)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Write a table of 6 labelled and 8 other images of 4 patients."""
    rows = ["path,label,patient,split"]
    for n in range(6):
        write_noise(tmp_path / "data" / f"known{n}.png", n)
        part = "test" if n == 5 else "train"
        rows.append(f"known{n}.png,{('well', 'ill')[n % 2]},k{n},{part}")
    for n in range(8):
        write_noise(tmp_path / "data" / f"new{n}.png", 100 + n)
        rows.append(f"new{n}.png,,p{n % 4},")
    (tmp_path / "data" / "labels.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "data"


def test_images_without_a_label_are_ranked_patients_apart(data: Path, bundle: Path) -> None:
    found = suggest(data, bundle)
    assert (found.candidates, found.labelled, found.refused) == (8, 6, ())
    assert [row.case for row in found.rows] != sorted(row.case for row in found.rows)
    assert {row.case for row in found.rows} == {f"new{n}.png" for n in range(8)}
    assert {row.patient for row in found.rows[:4]} == {"p0", "p1", "p2", "p3"}
    assert all("well" in row.reason for row in found.rows)
    assert "there are only 8 images without a label" in found.notes


def test_the_list_is_the_same_each_time_and_short_when_asked(data: Path, bundle: Path) -> None:
    options = SuggestOptions(choose=ChooseOptions(count=3))
    assert suggest(data, bundle, options).to_json() == suggest(data, bundle, options).to_json()
    assert suggest(data, bundle, options).rows == suggest(data, bundle).rows[:3]


def test_the_table_has_an_empty_column_for_the_label(data: Path, bundle: Path) -> None:
    rows = list(csv.DictReader(text.StringIO(suggest(data, bundle).to_csv())))
    assert [row["rank"] for row in rows] == [str(n) for n in range(1, 9)]
    assert {row["label"] for row in rows} == {""}
    assert all(Path(row["path"]).exists() and row["reason"] for row in rows)


def test_a_copy_of_a_labelled_image_comes_last_whatever_its_part(data: Path, bundle: Path) -> None:
    for name, seed in (("new0.png", 0), ("new1.png", 5)):  # of a training and of a test image
        write_noise(data / name, seed)
    found = suggest(data, bundle)
    assert {row.case for row in found.rows[-2:]} == {"new0.png", "new1.png"}
    by_case = {row.case: row.reason for row in found.rows}
    assert "nearly the same as the labelled image known0.png" in by_case["new0.png"]
    assert "known5.png" in by_case["new1.png"]


def test_a_second_folder_may_hold_the_candidates(data: Path, bundle: Path, tmp_path: Path) -> None:
    write_noise(tmp_path / "more" / "new0.png", 50)
    write_noise(tmp_path / "more" / "b.png", 51)
    found = suggest(data, bundle, SuggestOptions(unlabelled=tmp_path / "more"))
    assert {"more/new0.png", "b.png"} < {row.case for row in found.rows}
    assert found.candidates == 10


def test_a_folder_that_the_data_set_names_gives_nothing_twice(data: Path, bundle: Path) -> None:
    found = suggest(data, bundle, SuggestOptions(unlabelled=data))
    assert found.candidates == 8


def test_images_of_the_test_part_are_not_suggested(data: Path, bundle: Path) -> None:
    table = data / "labels.csv"
    table.write_text(table.read_text().replace("new7.png,,p3,", "new7.png,,p3,test"))
    found = suggest(data, bundle)
    assert "new7.png" not in {row.case for row in found.rows}
    assert any("test part" in note for note in found.notes)


def test_images_that_do_not_fit_are_refused_with_a_reason(data: Path, bundle: Path) -> None:
    write_noise(data / "new2.png", 1, edge=200)
    (data / "new3.png").write_bytes((data / "new3.png").read_bytes()[:20])
    found = suggest(data, bundle)
    assert [Path(one.source).name for one in found.refused] == ["new2.png"]
    assert found.candidates == 6
    assert any(note.startswith("1 inputs cannot be used") for note in found.notes)


def test_images_without_any_labelled_one_can_be_ranked(bundle: Path, tmp_path: Path) -> None:
    for n in range(4):
        write_noise(tmp_path / "bare" / f"{n}.png", n)
    found = suggest(tmp_path / "bare", bundle, SuggestOptions(choose=ChooseOptions(count=2)))
    assert (found.candidates, found.labelled, len(found.rows)) == (4, 0, 2)
    assert "typical" in found.rows[0].reason


def test_nothing_to_label_is_an_error_that_says_what_to_do(data: Path, bundle: Path) -> None:
    table = data / "labels.csv"
    lines = table.read_text().splitlines()
    table.write_text("\n".join(line for line in lines if not line.startswith("new")))
    with pytest.raises(InputError, match="no image without a label"):
        suggest(data, bundle)


def test_candidates_that_cannot_be_read_are_an_error(bundle: Path, tmp_path: Path) -> None:
    write_noise(tmp_path / "bare" / "0.png", 0, edge=200)
    with pytest.raises(InputError, match="No image without a label can be used"):
        suggest(tmp_path / "bare", bundle)


def test_an_unknown_strategy_is_refused_before_anything_is_read(bundle: Path) -> None:
    options = SuggestOptions(choose=ChooseOptions(strategy="mixt"))
    with pytest.raises(RecipeError, match="did you mean"):
        suggest("nowhere", bundle, options)


def test_labels_that_are_not_the_bundles_are_noted(data: Path, tmp_path: Path) -> None:
    other = write_small_bundle(tmp_path / "other", ("left", "right"))
    found = suggest(data, other, SuggestOptions(index=IndexOptions()))
    assert any("not those of the bundle" in note for note in found.notes)


@pytest.mark.parametrize(
    ("kind", "labels", "outputs", "loss", "words"),
    [
        ("findings", ("mass", "node"), 2, "binary_cross_entropy", "%"),
        ("grade", ("0", "1", "2"), 2, "ordinal", "%"),
        ("number", ("age",), 1, "huber", "±"),
    ],
)
def test_every_kind_of_task_can_be_asked(
    tmp_path: Path, kind: str, labels: tuple[str, ...], outputs: int, loss: str, words: str
) -> None:
    bundle = write_small_bundle(tmp_path / "bundle", labels, kind=kind, outputs=outputs, loss=loss)
    for n in range(5):
        write_noise(tmp_path / "bare" / f"{n}.png", n)
    found = suggest(tmp_path / "bare", bundle)
    assert len(found.rows) == 5
    assert all(words in row.reason for row in found.rows)


def test_volumes_can_be_ranked(tmp_path: Path) -> None:
    bundle = write_small_bundle(tmp_path / "bundle", size=(8, 16, 16))
    rng = np.random.default_rng(0)
    (tmp_path / "bare").mkdir()
    for n in range(3):
        image = Image.from_array(rng.normal(size=(1, 8, 16, 16)).astype(np.float32))
        write(image, tmp_path / "bare" / f"{n}.nii.gz")
    assert len(suggest(tmp_path / "bare", bundle).rows) == 3
