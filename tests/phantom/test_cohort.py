"""Cohorts: determinism, truth, sites, and classes that mean intensity cannot tell apart."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.base import InputError, RecipeError
from scanwright.image import ClassTarget, Modality
from scanwright.phantom import CohortOptions, simulate_case, simulate_cohort
from scanwright.phantom.cohort import STUDIES, class_of

MODALITIES = list(STUDIES)


def small(modality, **changes):
    return CohortOptions(modality=modality, **({"size": 48, "cases": 12} | changes))


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_case_depends_on_seed_and_index_alone(modality):
    options = small(modality, cases=4)
    forward = [simulate_case(options, index) for index in range(4)]
    again = simulate_case(small(modality, cases=900), 3)
    assert again.case.image.is_equal(forward[3].case.image)
    assert again.mask.labels.is_equal(forward[3].mask.labels)
    assert again.boxes == forward[3].boxes
    other = simulate_case(small(modality, seed=1), 3)
    assert not other.case.image.is_equal(again.case.image)


@pytest.mark.parametrize("modality", MODALITIES)
def test_the_truth_agrees_with_itself(modality):
    options = small(modality, cases=8)
    for truth in simulate_cohort(options):
        assert isinstance(truth.case.target, ClassTarget)
        labels = truth.mask.labels
        assert labels.size == truth.case.image.size
        assert labels.geometry == truth.case.image.geometry
        if truth.case.target.label == "normal":
            assert not labels.array.any()
            assert not truth.boxes.boxes
        elif labels.array.any():
            inside = labels.array[0] == 1
            held = np.zeros_like(inside)
            for box in truth.boxes.boxes:
                assert box.label == truth.mask.scheme.names[0]
                low = [int(edge + 0.5) for edge in box.low]
                high = [int(edge + 0.5) for edge in box.high]
                held[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
            assert np.all(held[inside])


@pytest.mark.parametrize("modality", [Modality.CT, Modality.MRI])
def test_volumes_have_a_third_axis_of_known_spacing(modality):
    truth = simulate_case(small(modality, rank=3, slices=3), 1)
    assert truth.case.image.size == (3, 48, 48)
    assert truth.case.image.geometry.spacing_mm[0] >= 2.5


def test_images_of_a_patient_share_anatomy_class_and_person():
    options = small(Modality.MRI, images_per_patient=2)
    first, second, third = (simulate_case(options, index) for index in range(3))
    assert first.case.patient == second.case.patient != third.case.patient
    assert first.case.target == second.case.target
    assert (first.sex, first.age_years) == (second.sex, second.age_years)
    assert not first.case.image.is_equal(second.case.image)
    assert first.case.name != second.case.name


@settings(max_examples=15)
@given(
    prevalence=st.floats(0, 1),
    seed=st.integers(0, 10_000),
    modality=st.sampled_from([Modality.XRAY, Modality.CT]),
)
def test_classes_come_as_often_as_asked_in_any_beginning(prevalence, seed, modality):
    options = CohortOptions(modality=modality, prevalence=prevalence, seed=seed)
    found = [class_of(options, patient) != "normal" for patient in range(200)]
    assert sum(found) == pytest.approx(200 * prevalence, abs=4)
    assert sum(found[:50]) == pytest.approx(50 * prevalence, abs=4)


def test_all_classes_named_are_drawn():
    options = small(Modality.ULTRASOUND, classes=("normal", "benign", "malignant"), prevalence=0.6)
    labels = {truth.case.target.label for truth in simulate_cohort(options)}
    assert labels == {"normal", "benign", "malignant"}


def test_sites_have_scanners_of_their_own_and_all_occur():
    options = small(Modality.MRI, cases=24, sites=3)
    truths = list(simulate_cohort(options))
    settings_by_site = {}
    for truth in truths:
        about = truth.case.image.about
        known = settings_by_site.setdefault(truth.case.site, set())
        known.add((about["field_strength_t"], round(about["echo_ms"], 6)))
    assert set(settings_by_site) == {"site-1", "site-2", "site-3"}
    assert all(len(known) == 1 for known in settings_by_site.values())
    assert len(set().union(*settings_by_site.values())) == 3


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_logistic_regression_on_pixels_fails(modality):
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import cross_val_predict
    from sklearn.pipeline import make_pipeline

    options = small(modality, cases=48, size=48, seed=2)
    truths = list(simulate_cohort(options))
    pixels = np.stack([truth.case.image.array[0].astype(float) for truth in truths])
    pixels = pixels.reshape(48, 24, 2, 24, 2).mean(axis=(2, 4)).reshape(48, -1)
    pixels = (pixels - pixels.mean(axis=1, keepdims=True)) / pixels.std(axis=1, keepdims=True)
    known = np.array([truth.case.target.label != options.labels[0] for truth in truths])
    model = make_pipeline(PCA(20, random_state=0), LogisticRegression(C=0.1, max_iter=1000))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        guess = cross_val_predict(model, pixels, known, cv=4, method="predict_proba")[:, 1]
    # Chance is 0.5 with a standard error of 0.085 at 24 against 24.
    assert roc_auc_score(known, guess) < 0.72
    assert known.mean() == pytest.approx(0.5, abs=0.05)


def test_progress_is_told():
    class Notes:
        def __init__(self):
            self.steps, self.ended = 0, False

        def begin(self, stage, total, unit=""):
            self.total = total

        def step(self, amount=1, note=""):
            self.steps += 1

        def end(self):
            self.ended = True

    notes = Notes()
    list(simulate_cohort(small(Modality.ULTRASOUND, cases=3), notes))
    assert (notes.total, notes.steps, notes.ended) == (3, 3, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"modality": "x-ray", "rank": 3},
        {"modality": "ct", "classes": ("normal", "cyst")},
        {"modality": "ct", "classes": ("normal", "normal")},
        {"modality": "ct", "protocol": "flair"},
        {"modality": "other"},
        {"cases": 0},
        {"prevalence": 1.5},
    ],
)
def test_impossible_cohorts_are_refused(wrong):
    with pytest.raises(RecipeError):
        CohortOptions.parse(wrong, "cohort")


@pytest.mark.parametrize("index", [-1, 12])
def test_an_index_outside_the_cohort_is_refused(index):
    with pytest.raises(InputError, match="No such case"):
        simulate_case(small(Modality.ULTRASOUND), index)


def test_nobody_is_named():
    truth = simulate_case(small(Modality.XRAY), 0)
    assert truth.case.patient == "SIM-00000"
    assert truth.case.subgroups["sex"] in {"F", "M"}
    assert 20 <= truth.age_years <= 89
