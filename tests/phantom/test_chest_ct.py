"""Simulated CT: Hounsfield units of the right organs, findings where the mask says."""

from dataclasses import replace

import numpy as np
import pytest

from scanwright.image import Frame, Modality
from scanwright.phantom.chest_ct import FINDINGS, simulate_chest_ct
from scanwright.phantom.order import Order

ORDER = Order("normal", 96, 0, seed=3, patient=5, image=0, site=1, sex="M", age_years=60)


@pytest.mark.parametrize("finding", FINDINGS)
@pytest.mark.parametrize("slices", [0, 3])
def test_findings_are_marked_in_slices_and_volumes(finding, slices):
    picture = simulate_chest_ct(replace(ORDER, finding=finding, slices=slices))
    image = picture.image
    assert image.modality is Modality.CT
    assert image.unit == "HU"
    assert image.geometry.frame is Frame.PATIENT
    assert image.geometry.axes == ("SPL" if slices else "PL")
    assert picture.labels.shape == image.size == (((slices,) if slices else ()) + (96, 96))
    assert bool(picture.labels.any()) == bool(picture.boxes) == (finding != "normal")


def test_air_lung_and_muscle_have_their_numbers():
    slab = simulate_chest_ct(replace(ORDER, slices=3)).image.array[0].astype(float)
    assert slab[:, :8].mean() == pytest.approx(-1000, abs=20)
    counts, edges = np.histogram(slab, bins=np.arange(-1024, 400, 16))
    middle = (edges[:-1] + edges[1:]) / 2
    lung = (middle > -930) & (middle < -500)
    soft = (middle > -200) & (middle < 200)
    assert -860 < middle[lung][counts[lung].argmax()] < -650
    assert -130 < middle[soft][counts[soft].argmax()] < 110


def test_a_nodule_is_as_dense_as_soft_tissue_where_it_is_marked():
    seen = []
    for patient in range(6):
        picture = simulate_chest_ct(replace(ORDER, finding="nodule", patient=patient))
        values = picture.image.array[0][picture.labels == 1]
        seen.append(np.percentile(values, 75))
    assert np.median(seen) == pytest.approx(30, abs=90)


def test_the_side_named_is_the_side_marked():
    for patient in range(8):
        picture = simulate_chest_ct(replace(ORDER, finding="nodule", patient=patient))
        rows, columns = np.nonzero(picture.labels)
        x = picture.image.geometry.to_world(np.stack([rows, columns], axis=1))[:, 0]
        if picture.laterality:
            assert np.all(x > 0) == (picture.laterality == "L")
        else:
            assert x.min() < 0 < x.max()
