"""Findings stand in the reader's units: elements, mm, and mm in the patient."""

from pathlib import Path

import numpy as np
import pytest
from tests.workflows.box_scenes import (
    OBLIQUE,
    found_in,
    in_picture,
    in_volume,
    nothing_in_picture,
)

from scanwright.image import Geometry
from scanwright.workflows.findings import Findings


def test_boxes_come_surest_first_and_say_whether_they_are_reported() -> None:
    answer = Findings(in_picture(), (Path("a.png"),))
    mass, nodule = answer
    assert (mass.label, mass.score, mass.is_reported) == ("mass", 0.9, True)
    assert (nodule.label, nodule.score, nodule.is_reported) == ("nodule", 0.25, False)
    assert (mass.low, mass.high) == ((9.5, 29.5), (19.5, 59.5))
    assert (len(answer), answer.reported, answer.case) == (2, 1, "case.png")


def test_a_picture_without_spacing_has_no_mm() -> None:
    mass = next(iter(Findings(in_picture())))
    assert (mass.size_mm, mass.centre_lps, mass.diameter_mm) == ((), (), None)


def test_a_projection_has_sizes_but_no_place_in_the_patient() -> None:
    rows = [([[9.5, 19.5], [29.5, 59.5]], 1, 0.9)]
    found = found_in(Geometry.detector((0.5, 0.2)), (48, 64), rows)
    (mass,) = Findings(found)
    assert mass.size_mm == pytest.approx((5.0, 6.0))
    assert mass.diameter_mm == pytest.approx(6.0)
    assert mass.centre_lps == ()


def test_sizes_and_middles_follow_an_oblique_grid() -> None:
    sure, _ = Findings(in_volume())
    assert sure.size_mm == pytest.approx((7.5, 8.0, 7.0))
    corners = OBLIQUE.to_world([sure.low, sure.high])
    # The middle of a box is the middle between two opposite corners on any straight grid.
    np.testing.assert_allclose(sure.centre_lps, corners.mean(axis=0))


def test_no_finding_is_an_answer() -> None:
    answer = Findings(nothing_in_picture())
    assert list(answer) == []
    assert (answer.reported, answer.warnings) == (0, ("dark",))
