"""Cases are outlined once, kept on disk, and refined as validation says."""

import errno
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.data.mask_builders import put_png
from tests.workflows.conftest import OutlinedRun
from tests.workflows.mask_run import IGNORED, SIZE

from scanwright.base import ResourceError
from scanwright.data import Entry, MaskReference
from scanwright.data.reference import FileReference
from scanwright.image import Geometry, LabelScheme
from scanwright.io import read
from scanwright.workflows import mask_answers
from scanwright.workflows.mask_answers import (
    MaskAnswer,
    MaskAnswers,
    encoded_outlines,
    encoded_truth,
    keep_maps,
)

REGIONS = LabelScheme(("whole", "core"), ((1, 2), (2,)), IGNORED)
CLASSES = LabelScheme(("disc", "rim"), ((2, 7), (4,)), ignore=0)


def answers_of(run: OutlinedRun, folder: Path) -> MaskAnswers:
    recipe = run.fit.recipe.changed({"postprocessing": ()})
    limits = run.prepared.fingerprint.limits()
    return MaskAnswers(recipe, limits, run.fit.compute, folder)


def validation(run: OutlinedRun) -> list[Entry]:
    by_name = {entry.name: entry for entry in run.prepared.everything()}
    return [by_name[name] for name in run.course.store.names]


def kept(file: Path, truth: np.ndarray, outlined: np.ndarray, entry: Entry) -> MaskAnswer:
    """Return an answer as if a network had outlined so."""
    keep_maps(file, truth, outlined)
    return MaskAnswer(entry, file, Geometry.pixels(2))


def discs(middles: list[tuple[int, int]], radius: int = 5) -> np.ndarray:
    y, x = np.ogrid[: SIZE[0], : SIZE[1]]
    found = np.zeros(SIZE, bool)
    for middle in middles:
        found |= np.hypot(y - middle[0], x - middle[1]) < radius
    return found


def test_every_validation_case_is_outlined_by_who_had_not_learnt_from_it(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    answers = answers_of(outlined_run, tmp_path)
    found = answers.held_out(outlined_run.fit, outlined_run.members, validation(outlined_run))
    expected = {
        outlined_run.course.store.names[row] for row in outlined_run.fit.folds[0].validation
    }
    assert {one.entry.name for one in found} == expected
    for one in found:
        truth, outlined = one.maps()
        stored = read(outlined_run.data / "labelsTr" / f"{one.entry.name}.png")
        np.testing.assert_array_equal(truth, stored.array)
        assert outlined.shape == (2, *SIZE)  # a map for each region
        assert set(np.unique(outlined)) == {0, 1}
        both = (outlined[0] & np.isin(truth[0], (1, 2))).sum()
        assert both > 0.9 * np.isin(truth[0], (1, 2)).sum()


def test_what_was_outlined_is_kept_for_these_networks_only(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    entries = outlined_run.prepared.test
    first = answers_of(outlined_run, tmp_path).tested(
        outlined_run.fit, outlined_run.members, entries
    )
    times = [one.file.stat().st_mtime_ns for one in first]
    again = answers_of(outlined_run, tmp_path).tested(
        outlined_run.fit, outlined_run.members, entries
    )
    assert [one.file for one in again] == [one.file for one in first]
    assert [one.file.stat().st_mtime_ns for one in again] == times
    member = outlined_run.members[0]
    weights = {name: tensor * 0.5 for name, tensor in member.weights.items()}
    other = answers_of(outlined_run, tmp_path).tested(
        outlined_run.fit, [replace(member, weights=weights)], entries
    )
    assert not {one.file for one in other} & {one.file for one in first}


def test_without_a_test_part_there_is_no_answer(outlined_run: OutlinedRun, tmp_path: Path) -> None:
    assert not answers_of(outlined_run, tmp_path).tested(outlined_run.fit, [], ())


def test_a_case_that_cannot_be_outlined_is_noted_and_the_others_answered(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    first, second = outlined_run.prepared.test
    file = first.reference.files[0]
    whole = file.read_bytes()
    answers = answers_of(outlined_run, tmp_path)
    try:
        file.write_bytes(whole[: len(whole) // 2])
        found = answers.tested(outlined_run.fit, outlined_run.members, [first, second])
    finally:
        file.write_bytes(whole)
    assert [one.entry.name for one in found] == [second.name]
    (note,) = answers.notes
    assert note.startswith(f"{first.name} could not be outlined")


def test_a_full_disk_ends_the_run_in_place_of_leaving_cases_out(
    outlined_run: OutlinedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    answers = answers_of(outlined_run, tmp_path)
    with pytest.raises(ResourceError, match="disk is full"):
        answers.tested(outlined_run.fit, outlined_run.members, outlined_run.prepared.test)
    assert not list(tmp_path.iterdir())


def test_stray_pieces_are_dropped_where_validation_gains(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    entry = outlined_run.prepared.test[0]
    cases = []
    for number in range(3):
        whole, stray = discs([(22, 20)], 10), discs([(38, 6 + 10 * number)], 3)
        core = discs([(22, 20)], 4)
        truth = (whole.astype(np.uint8) + core)[None]
        outlined = np.stack([whole | stray, core]).astype(np.uint8)
        cases.append(kept(tmp_path / f"{number}.npz", truth, outlined, entry))
    answers = answers_of(outlined_run, tmp_path)
    recipe = answers.choose_refinements(cases)
    kinds = [step["kind"] for step in recipe.postprocessing]
    assert "keep_largest" in kinds
    assert "brings Dice in validation from" in recipe.reasons["postprocessing"]
    _, refined = answers.refined(cases[0])
    np.testing.assert_array_equal(refined[0], discs([(22, 20)], 10))
    np.testing.assert_array_equal(
        cases[0].maps()[1][0], discs([(22, 20)], 10) | discs([(38, 6)], 3)
    )


def test_what_lies_where_nothing_is_known_steers_no_refinement(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    entry = outlined_run.prepared.test[0]
    whole, core = discs([(26, 20)], 10), discs([(26, 20)], 4)
    truth = (whole.astype(np.uint8) + core)[None]
    truth[:, :10] = IGNORED
    outlined = np.stack([whole | discs([(4, 20)], 4), core]).astype(np.uint8)
    case = kept(tmp_path / "one.npz", truth, outlined, entry)
    recipe = answers_of(outlined_run, tmp_path).choose_refinements([case])
    assert recipe.postprocessing == ()
    assert recipe.reasons["postprocessing"].startswith("none of 4")


def test_refinements_that_a_recipe_names_are_not_chosen_anew(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    answers = answers_of(outlined_run, tmp_path)
    answers.recipe = answers.recipe.changed({"postprocessing": ({"kind": "fill_holes"},)})
    missing = MaskAnswer(outlined_run.prepared.test[0], tmp_path / "none", Geometry.pixels(2))
    assert answers.choose_refinements([missing]) == answers.recipe


def test_trials_look_at_no_more_than_can_be_afforded(
    outlined_run: OutlinedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = outlined_run.prepared.test[0]
    whole = discs([(22, 20)], 10)
    box = 19 * 19
    outlined = np.stack([whole, whole]).astype(np.uint8)
    cases = [
        kept(tmp_path / f"{number}.npz", whole.astype(np.uint8)[None], outlined, entry)
        for number in range(8)
    ]
    # Four candidates and one look before, two names each.
    monkeypatch.setattr(mask_answers, "MOST_LOOKED_AT", 10 * 6 * box)
    candidates, chosen = mask_answers._affordable(cases, REGIONS)
    assert (len(candidates), len(chosen)) == (4, 6)
    # Only two on all names together for as much.
    monkeypatch.setattr(mask_answers, "MOST_LOOKED_AT", 6 * 6 * box)
    candidates, chosen = mask_answers._affordable(cases, REGIONS)
    assert (len(candidates), len(chosen)) == (2, 6)
    monkeypatch.setattr(mask_answers, "MOST_LOOKED_AT", 1)
    assert len(mask_answers._affordable(cases, REGIONS)[1]) == 1


def test_truth_is_encoded_as_metrics_take_it() -> None:
    labels = np.array([[0, 1, 2, IGNORED]], np.uint8)
    np.testing.assert_array_equal(encoded_truth(labels, REGIONS), [[0, 1, 1, -1], [0, 0, 1, -1]])
    labels = np.array([[0, 2, 7, 4]], np.uint8)
    np.testing.assert_array_equal(encoded_truth(labels, CLASSES), [-1, 1, 1, 2])


def test_truth_is_encoded_alike_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.random.default_rng(0).integers(0, 4, (1, 7, 5, 3)).astype(np.uint8)
    whole = encoded_truth(labels, REGIONS)
    monkeypatch.setattr(mask_answers, "PIECE", 31)  # two slices at once, and one left over
    np.testing.assert_array_equal(encoded_truth(labels, REGIONS), whole)
    classes = LabelScheme.of_classes(("a", "b", "c"))
    np.testing.assert_array_equal(encoded_truth(labels, classes), labels[0])


def test_many_cases_take_no_more_memory_than_one(outlined_run: OutlinedRun, tmp_path: Path) -> None:
    entry = outlined_run.prepared.test[0]
    target = entry.target
    assert isinstance(target, MaskReference)
    image, labels = (
        put_png(tmp_path / f"{name}.png", np.tile(read(files[0]).array[0], (3, 3)))
        for name, files in (("image", entry.reference.files), ("labels", target.files))
    )
    part = replace(target.parts[0], reference=FileReference(labels))
    large = replace(entry, reference=FileReference(image), target=replace(target, parts=(part,)))

    def peak(count: int) -> int:
        entries = [replace(large, name=f"{count} {number}") for number in range(count)]
        answers = answers_of(outlined_run, tmp_path / "answers")
        answers.recipe = answers.recipe.changed({"inference.flips": ()})
        tracemalloc.start()
        found = answers.tested(outlined_run.fit, outlined_run.members, entries)
        answers.choose_refinements(found)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(found) == count
        return highest

    peak(1)  # what is loaded once
    maps = (1 + 2) * 9 * SIZE[0] * SIZE[1]
    assert peak(6) - peak(2) < maps


def test_what_a_killed_run_had_begun_to_write_is_deleted(
    outlined_run: OutlinedRun, tmp_path: Path
) -> None:
    (tmp_path / ".writing-x.npz").write_bytes(b"half")
    answers = answers_of(outlined_run, tmp_path)
    answers.held_out(outlined_run.fit, outlined_run.members, validation(outlined_run))
    assert not list(tmp_path.glob(".writing-*"))


def test_outlines_know_nothing_unknown() -> None:
    regions = np.array([[1, 0], [0, 1]], np.uint8)
    np.testing.assert_array_equal(encoded_outlines(regions, REGIONS), regions)
    # 0 is what the predictor calls background, though in truth it says that nothing is known.
    np.testing.assert_array_equal(
        encoded_outlines(np.array([[0, 2, 4]], np.uint8), CLASSES), [0, 1, 2]
    )


def test_an_empty_case_has_an_empty_box(outlined_run: OutlinedRun, tmp_path: Path) -> None:
    nothing = np.zeros((1, *SIZE), np.uint8)
    empty = kept(
        tmp_path / "empty.npz",
        nothing,
        np.zeros((2, *SIZE), np.uint8),
        outlined_run.prepared.test[0],
    )
    assert empty.box_elements() == 0
    assert not any(labels.any() for labels in empty.maps())
    whole = discs([(22, 20)], 10).astype(np.uint8)
    full = kept(tmp_path / "full.npz", whole[None], np.stack([whole] * 2), empty.entry)
    recipe = answers_of(outlined_run, tmp_path).choose_refinements([empty, full])
    assert recipe.postprocessing == ()
