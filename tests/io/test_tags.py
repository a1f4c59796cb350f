"""Tests of what DICOM objects say besides their pixels."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import InputError
from scanwright.image import Geometry, Image, Modality
from scanwright.io import DicomTags, derive_uid
from scanwright.io.tags import modality_code, tags_for
from tests.io.builders import noise, tags, turned


@given(names=st.lists(st.text(max_size=20), max_size=4))
def test_a_uid_is_legal_and_always_the_same(names: list[str]) -> None:
    uid = derive_uid(*names)
    assert uid == derive_uid(*names)
    assert len(uid) <= 64
    assert all(part == str(int(part)) for part in uid.split("."))


def test_different_names_make_different_uids() -> None:
    assert derive_uid("a", "bc") != derive_uid("ab", "c")
    assert derive_uid("a") != derive_uid("a", "")


@pytest.mark.parametrize("uid", ["", "1.2.x", "1" * 65, "P1"])
def test_malformed_uids_are_refused(uid: str) -> None:
    with pytest.raises(InputError, match="unique identifier"):
        DicomTags(patient_id="P1", study_uid=uid, series_uid="1.2")
    with pytest.raises(InputError):
        DicomTags(patient_id="P1", study_uid="1.2", series_uid=uid)


def test_instances_of_a_series_differ_by_number() -> None:
    one, two = tags(), tags().numbered(2)
    assert one.series_uid == two.series_uid
    assert one.instance_uid != two.instance_uid
    assert two.numbered(1) == one


def test_tags_made_from_content_differ_with_content_and_place() -> None:
    image = Image.from_array(noise((1, 4, 5)))
    assert tags_for(image) == tags_for(image)
    assert tags_for(image) != tags_for(Image.from_array(noise((1, 4, 5), seed=1)))
    assert tags_for(image) != tags_for(Image(image.array, turned(2)))


@pytest.mark.parametrize(
    ("modality", "geometry", "dtype", "code"),
    [
        (Modality.XRAY, Geometry.detector((0.1, 0.1)), "uint16", "DX"),
        (Modality.XRAY, Geometry.detector((0.1, 0.1)), "int16", "CR"),
        (Modality.XRAY, Geometry.pixels(2), "uint16", "CR"),
        (Modality.CT, turned(2), "int16", "CT"),
        (Modality.MRI, turned(2), "uint16", "MR"),
        (Modality.ULTRASOUND, Geometry.pixels(2), "uint8", "US"),
        (Modality.UNKNOWN, Geometry.pixels(2), "uint8", "OT"),
    ],
)
def test_the_modality_fits_the_image_unless_it_is_said(
    modality: Modality, geometry: Geometry, dtype: str, code: str
) -> None:
    image = Image(np.zeros((1, 4, 5), dtype), geometry, modality)
    assert modality_code(image, tags()) == code
    assert modality_code(image, replace(tags(), modality="MG")) == "MG"
