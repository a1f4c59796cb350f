"""Each task has a demonstration that the index takes for this task."""

from pathlib import Path

import pytest

from scanwright.base import SILENT, InputError, RecipeError, write_json
from scanwright.data import index_data
from scanwright.image import Modality
from scanwright.workflows.demo import (
    DEMONSTRATIONS,
    MODALITIES,
    OUTLINED,
    DemoOptions,
    Places,
    demo,
)

KINDS = {"classification": "classes", "segmentation": "segmentation", "detection": "detection"}


@pytest.mark.parametrize("task", DEMONSTRATIONS)
@pytest.mark.parametrize("modality", [Modality.XRAY, Modality.ULTRASOUND])
def test_a_demonstration_is_recognised_as_its_task(
    task: str, modality: Modality, tmp_path: Path
) -> None:
    shown, places = DEMONSTRATIONS[task], Places(tmp_path)
    shown.write(shown.cohort(modality, 4), places, SILENT)
    index = index_data(places.data, shown.index(places))
    assert index.task.kind == KINDS[task]
    assert len(index.entries) == 4
    asked = shown.asked(places)
    assert asked
    assert all(path.exists() for path in asked)


@pytest.mark.parametrize("task", DEMONSTRATIONS)
@pytest.mark.parametrize("modality", OUTLINED)
def test_every_modality_can_be_shown_in_every_task(task: str, modality: Modality) -> None:
    options = DEMONSTRATIONS[task].cohort(modality, 0)
    assert options.modality is modality
    assert options.cases >= 60
    if task == "segmentation":
        assert options.labels == (OUTLINED[modality],)
        assert (options.rank == 3) == (modality in (Modality.CT, Modality.MRI))
    if task == "detection":
        assert options.labels == (OUTLINED[modality],)
        assert 0 < options.empty < 1


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [({"task": "segmentatoin"}, "segmentation"), ({"modality": "xray"}, "x-ray")],
)
def test_what_cannot_be_shown_is_refused_before_anything_is_written(
    asked: dict[str, str], nearest: str, tmp_path: Path
) -> None:
    with pytest.raises(RecipeError, match=nearest):
        demo(tmp_path, DemoOptions.parse(asked, "test"))
    assert not list(tmp_path.iterdir())


def test_a_folder_holds_one_demonstration(tmp_path: Path) -> None:
    write_json(tmp_path / "demo.json", {"task": "segmentation"})
    with pytest.raises(InputError, match="another demonstration"):
        demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]


def test_modalities_go_by_their_words() -> None:
    assert dict(MODALITIES.items()) == {one.value: one for one in OUTLINED}
