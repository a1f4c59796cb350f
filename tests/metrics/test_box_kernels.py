"""The matching kernel against a plain transcription of pycocotools' loop."""

import numpy as np

from scanwright.metrics import OVERLAPS, match_boxes
from tests.metrics.box_builders import SETTINGS, invent


def overlap(truth: np.ndarray, guess: np.ndarray, is_crowd: bool) -> float:
    sides = np.minimum(truth[:, 1], guess[:, 1]) - np.maximum(truth[:, 0], guess[:, 0])
    common = np.prod(np.maximum(0, sides))
    one, other = (np.prod(edges[:, 1] - edges[:, 0]) for edges in (truth, guess))
    return common / (other if is_crowd else one + other - common)


def loop(truth: np.ndarray, crowd: np.ndarray, guess: np.ndarray, least: float) -> list[int]:
    """Return the state of each guess, which are sorted, as `COCOeval.evaluateImg` finds it."""
    order = np.argsort(crowd, kind="stable")
    taken, states = set(), []
    for edges in guess:
        best, chosen = min(least, 1 - 1e-10), -1
        for g in order:
            if g in taken and not crowd[g]:
                continue
            if chosen > -1 and not crowd[chosen] and crowd[g]:
                break
            share = overlap(truth[g], edges, crowd[g])
            if share < best:
                continue
            best, chosen = share, g
        if chosen >= 0:
            taken.add(chosen)
        states.append(0 if chosen < 0 else -1 if crowd[chosen] else 1)
    return states


def test_boxes_are_matched_as_by_the_plain_loop() -> None:
    for name in ("plain", "crowds"):
        cases, classes = invent(name), SETTINGS[name][1]
        found = match_boxes(cases, classes)
        for place, case in enumerate(cases):
            for label in range(classes):
                rows = (found.case == place) & (found.label == label)
                mine = case.truth_classes == label
                for column, least in enumerate(OVERLAPS):
                    truth, crowd = case.truth[mine], case.is_crowd[mine]
                    expected = loop(truth, crowd, found.edges[rows], least)
                    states = found.state[rows, column]
                    assert np.where(states == -2, 0, states).tolist() == expected
