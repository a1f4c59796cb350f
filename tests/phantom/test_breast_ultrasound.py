"""Simulated ultrasound: masses where the mask says, classes that share their brightness."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.image import Modality
from scanwright.phantom.breast_ultrasound import (
    FINDINGS,
    PROTOCOLS,
    draw_finding,
    simulate_breast_ultrasound,
)
from scanwright.phantom.order import Order

ORDER = Order("benign", 96, 0, seed=3, patient=5, image=0, site=1, sex="F", age_years=60)


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_masses_are_marked_for_both_probes(finding, protocol):
    picture = simulate_breast_ultrasound(replace(ORDER, finding=finding, protocol=protocol))
    assert picture.image.modality is Modality.ULTRASOUND
    assert picture.image.array.dtype == np.uint8
    assert picture.labels.shape == picture.image.size == (96, 96)
    assert bool(picture.labels.any()) == bool(picture.boxes) == (finding != "normal")
    assert picture.laterality in {"L", "R"}


def test_a_mass_is_darker_than_what_lies_beside_it():
    darker = 0
    for patient in range(10):
        picture = simulate_breast_ultrasound(replace(ORDER, patient=patient))
        shown, inside = picture.image.array[0].astype(float), picture.labels == 1
        rows = inside.any(axis=1)
        beside = shown[rows][:, ~inside.any(axis=0)]
        darker += shown[inside].mean() < beside[beside > 0].mean()
    assert darker >= 9


def test_a_curved_probe_leaves_its_corners_black():
    shown = simulate_breast_ultrasound(replace(ORDER, protocol="curved")).image.array[0]
    assert shown[0, 0] == shown[0, -1] == shown[-1, 0] == shown[-1, -1] == 0


def test_echo_and_loss_overlap_between_the_classes():
    drawn = {
        name: [draw_finding(replace(ORDER, finding=name, patient=k), 38) for k in range(150)]
        for name in ("benign", "malignant")
    }
    for value in ("echo", "loss"):
        benign, malignant = (
            np.array([getattr(one, value) for one in drawn[name]]) for name in drawn
        )
        above = (malignant[:, None] > benign[None]).mean()
        assert 0.3 < above < 0.8


def test_cancers_are_rougher_than_benign_masses():
    rough = {
        name: min(
            np.abs(draw_finding(replace(ORDER, finding=name, patient=k), 38).shape.heights).sum()
            for k in range(20)
        )
        for name in ("benign", "malignant")
    }
    assert rough["malignant"] > 3 * rough["benign"]
