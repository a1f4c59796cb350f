"""Simulated MRI: sequences that look as they are named, findings where the mask says."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.image import Frame, Modality
from scanwright.phantom.brain_mri import FINDINGS, PROTOCOLS, simulate_brain_mri
from scanwright.phantom.order import Order

ORDER = Order("tumour", 96, 0, seed=3, patient=5, image=0, site=1, sex="M", age_years=60)


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("slices", [0, 4])
def test_findings_are_marked_in_slices_and_volumes(finding, slices):
    picture = simulate_brain_mri(replace(ORDER, finding=finding, slices=slices))
    image = picture.image
    assert image.modality is Modality.MRI
    assert image.geometry.frame is Frame.PATIENT
    assert picture.labels.shape == image.size == (((slices,) if slices else ()) + (96, 96))
    assert picture.names == ("tumour", "oedema")
    assert bool(picture.labels.any()) == bool(picture.boxes) == (finding == "tumour")


@pytest.mark.parametrize(("protocol", "brighter"), [("flair", True), ("t1", False), ("t2", True)])
def test_oedema_is_bright_or_dark_as_the_sequence_makes_it(protocol, brighter):
    ratios = []
    for patient in range(6):
        picture = simulate_brain_mri(replace(ORDER, protocol=protocol, patient=patient))
        shown = picture.image.array[0].astype(float)
        oedema = picture.labels == 2
        brain = shown[30:66, 30:66][~oedema[30:66, 30:66] & (picture.labels[30:66, 30:66] == 0)]
        if oedema.sum() > 10:
            ratios.append(np.median(shown[oedema]) / np.median(brain))
    assert len(ratios) > 2
    assert (np.median(ratios) > 1) == brighter


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_the_sequence_is_told(protocol):
    about = simulate_brain_mri(replace(ORDER, protocol=protocol)).image.about
    assert about["sequence"] == protocol
    assert (about["inversion_ms"] > 0) == (protocol == "flair")


def test_air_around_the_head_is_only_noise():
    picture = simulate_brain_mri(ORDER)
    corner = picture.image.array[0, :8, :8].astype(float)
    assert corner.mean() < 0.2 * np.percentile(picture.image.array, 90)
    assert corner.std() / corner.mean() == pytest.approx(np.sqrt(4 / np.pi - 1), rel=0.25)
