"""What networks propose is kept with what is true, on the grid that they saw and on the case's."""

from dataclasses import replace

import numpy as np
import pytest
from tests.workflows.found_run import FoundRun, answers_of

from scanwright.data import read_case
from scanwright.image import edges_of, moved_edges
from scanwright.inference import Decision, DetectionPredictor
from scanwright.workflows.box_answers import MOST_KEPT, with_flips
from scanwright.workflows.predict import load


def test_every_validation_case_is_seen_once_by_networks_that_did_not_learn_from_it(
    found_run: FoundRun,
) -> None:
    by_name = {entry.name: entry for entry in found_run.prepared.everything()}
    entries = [by_name[name] for name in found_run.course.store.names]
    proposed = answers_of(found_run).held_out(found_run.fit, found_run.members, entries)
    names = [one.entry.name for one in proposed]
    rows = found_run.fit.folds[0].validation.tolist()
    assert sorted(names) == sorted(found_run.course.store.names[row] for row in rows)
    for one in proposed:
        assert len(one.proposals) <= MOST_KEPT
        there = moved_edges(edges_of(one.truth.boxes, 2), one.source, one.grid)
        assert there == pytest.approx(one.edges)


def test_answers_lie_on_the_case_and_are_what_predict_gives(found_run: FoundRun) -> None:
    answers = answers_of(found_run)
    fit, tested = found_run.fit, found_run.prepared.test
    proposed = answers.tested(fit, found_run.members, tested)
    (first, *_) = answers.answers(proposed, Decision())
    network = [fit.network(member) for member in found_run.members]
    case = read_case(tested[0])
    alone = answers.predictor(network).predict_one(replace(case, target=None))
    assert first.prediction.edges == pytest.approx(alone.edges)
    assert first.prediction.scores == pytest.approx(alone.scores)
    assert first.prediction.size == case.image.size


def test_cases_are_judged_by_what_the_bundle_answers(found_run: FoundRun) -> None:
    """Half precision rounds boxes: thresholds are chosen on those that users will get."""
    model = load(found_run.result.folder / "bundle", "cpu")
    assert isinstance(model.predictor, DetectionPredictor)
    answers = answers_of(found_run)
    answers.recipe = model.bundle.recipe
    tested = found_run.prepared.test
    judged = answers.answers(
        answers.tested(found_run.fit, found_run.members, tested), model.bundle.decision
    )
    for entry, one in zip(tested, judged, strict=True):
        found = model.predictor.predict_one(replace(read_case(entry), target=None))
        assert found.edges == pytest.approx(one.prediction.edges, abs=1e-4)
        assert found.scores == pytest.approx(one.prediction.scores, abs=1e-5)


def test_mirrored_windows_are_further_looks(found_run: FoundRun) -> None:
    answers = answers_of(found_run)
    tested = found_run.prepared.test[:1]
    plain = answers.tested(found_run.fit, found_run.members, tested)[0]
    both = with_flips(answers, (1,)).tested(found_run.fit, found_run.members, tested)[0]
    assert len(np.unique(both.proposals.views)) == 2 * len(np.unique(plain.proposals.views))


def test_a_case_that_cannot_be_read_is_noted(found_run: FoundRun) -> None:
    answers = answers_of(found_run)
    entry = found_run.prepared.test[0]
    gone = replace(entry, reference=replace(entry.reference, path=entry.files[0].with_name("no")))  # type: ignore[type-var]  # a file's
    assert answers.tested(found_run.fit, found_run.members, [gone]) == []
    assert "could not be looked at" in answers.notes[0]
