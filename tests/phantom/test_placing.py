"""Places for several findings: clear of each other where there is room, drawn anyway where not."""

import numpy as np
from numpy.random import default_rng

from scanwright.phantom.placing import TRIES, place_apart


def in_a_cube(edge, rng):
    return lambda _: tuple(rng.uniform(0, edge, 3))


def test_findings_are_clear_of_each_other_where_there_is_room():
    radii = [5.0, 8.0, 3.0, 6.0]
    places = np.array(place_apart(in_a_cube(100, default_rng(0)), radii, 4.0))
    for one in range(4):
        for other in range(one):
            distance = np.linalg.norm(places[one] - places[other])
            assert distance > radii[one] + radii[other] + 4


def test_a_projection_tells_places_apart_by_two_axes():
    radii = [5.0] * 5
    places = np.array(place_apart(in_a_cube(90, default_rng(1)), radii, 2.0, axes=(0, 2)))
    across = places[:, None, [0, 2]] - places[None, :, [0, 2]]
    distance = np.linalg.norm(across, axis=-1)[~np.eye(5, dtype=bool)]
    assert distance.min() > 12


def test_the_clearest_place_is_taken_where_none_is_clear():
    drawn = iter([(0.0, 0.0, 0.0), *[(float(k % 7), 0.0, 0.0) for k in range(TRIES)]])
    assert place_apart(lambda _: next(drawn), [10.0, 10.0], 0.0)[1] == (6.0, 0.0, 0.0)


def test_no_finding_needs_no_place():
    assert place_apart(in_a_cube(1, default_rng(0)), [], 1.0) == []
