import numpy as np
import pytest
import torch

from scanwright.base import BundleError, ShapeError
from scanwright.inference import FusionOptions, Proposals, proposals_of
from scanwright.nets import Cells


def cells_of(
    logits: list[list[float]], low: list[list[float]], high: list[list[float]]
) -> torch.Tensor:
    """Join the cells of one window; lists by class, and by axis."""
    parts = [torch.tensor([rows]) for rows in (logits, low, high)]
    nothing = torch.zeros_like(parts[1])
    return Cells(*parts, nothing, nothing[:, :1]).joined()


def proposals(
    spans: list[tuple[float, float]], scores: list[float], **facts: list[float]
) -> Proposals:
    """Return boxes in 1-D."""
    count = len(spans)
    given = {"classes": [0] * count, "weights": [1.0] * count, "views": list(range(count))}
    given = {name: np.array(values) for name, values in {**given, **facts}.items()}
    given.setdefault("expected", np.ones(count))
    return Proposals(np.array(spans)[:, None, :], np.array(scores), **given)


def test_a_window_gives_the_boxes_above_the_least_score_the_surest_first() -> None:
    outputs = cells_of([[0.0, 3.0, -9.0]], [[1.0, 10.0, 20.0]], [[5.0, 14.0, 24.0]])
    (found,) = proposals_of(outputs, 1, (30,), FusionOptions())
    assert found.edges[:, 0].tolist() == [[10.0, 14.0], [1.0, 5.0]]
    assert found.scores == pytest.approx([1 / (1 + np.exp(-3.0)), 0.5])
    assert found.classes.tolist() == [0, 0]


def test_a_cell_may_give_several_classes() -> None:
    outputs = cells_of([[1.0, -9.0], [2.0, -9.0]], [[1.0, 9.0]], [[5.0, 12.0]])
    (found,) = proposals_of(outputs, 2, (30,), FusionOptions())
    assert found.classes.tolist() == [1, 0]
    assert found.edges[0].tolist() == found.edges[1].tolist() == [[1.0, 5.0]]


def test_boxes_are_cut_to_the_window_and_those_outside_or_inside_out_are_dropped() -> None:
    outputs = cells_of([[3.0, 2.0, 1.0]], [[-4.0, 40.0, 9.0]], [[5.0, 50.0, 8.0]])
    (found,) = proposals_of(outputs, 1, (30,), FusionOptions())
    assert found.edges.tolist() == [[[-0.5, 5.0]]]


def test_copies_of_one_box_do_not_use_up_the_places_of_others() -> None:
    # Nine cells on one finding are surer than the one on the other.
    starts = [10.0 + step / 100 for step in range(9)] + [50.0]
    logits = [[5.0 - step / 10 for step in range(9)] + [1.0]]
    outputs = cells_of(logits, [starts], [[start + 8 for start in starts]])
    (found,) = proposals_of(outputs, 1, (100,), FusionOptions(at_once=2))
    assert found.edges[:, 0, 0].tolist() == [10.0, 50.0]


def test_each_window_of_a_batch_is_read_alone() -> None:
    one = cells_of([[2.0]], [[1.0]], [[5.0]])
    other = cells_of([[-9.0]], [[1.0]], [[5.0]])
    first, second = proposals_of(torch.cat([one, other]), 1, (30,), FusionOptions())
    assert (len(first), len(second)) == (1, 0)
    edges, classes, scores = second.fused(FusionOptions())
    assert (edges.shape, classes.shape, scores.shape) == ((0, 1, 2), (0,), (0,))


@pytest.mark.parametrize("shift", [-5.0, 3.0])
@pytest.mark.parametrize("least", [0.0, 0.3])
def test_the_surest_are_found_whether_few_or_many_are_sure_enough(
    shift: float, least: float
) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(shift, 2, (2, 3, 400)).astype(np.float32)
    low = 10.0 * np.broadcast_to(np.arange(400, dtype=np.float32), (2, 1, 400))
    zero = np.zeros_like(low)
    joined = np.concatenate([logits, low, low + 9, zero, zero], axis=1)
    options = FusionOptions(least_score=least, at_once=20)
    found = proposals_of(torch.from_numpy(joined), 3, (4000,), options)
    for window, one in zip(logits, found, strict=True):
        order = np.argsort(-window, axis=None, kind="stable")[:20]
        kind, cell = np.unravel_index(order, window.shape)
        scores = 1 / (1 + np.exp(-window[kind, cell].astype(np.float64)))
        count = int((scores >= least).sum())
        assert one.scores == pytest.approx(scores[:count], rel=1e-12)
        assert one.classes.tolist() == kind[:count].tolist()
        assert one.edges[:, 0, 0].tolist() == np.maximum(10.0 * cell[:count], -0.5).tolist()


def test_answers_that_are_not_finite_or_of_another_shape_are_refused() -> None:
    for logit, low in ((np.nan, 1.0), (np.inf, 1.0), (2.0, np.nan), (2.0, -np.inf)):
        outputs = cells_of([[1.0, logit]], [[1.0, low]], [[5.0, 5.0]])
        with pytest.raises(BundleError):
            proposals_of(outputs, 1, (30,), FusionOptions())
    with pytest.raises(ShapeError):
        proposals_of(torch.zeros(1, 7, 3), 1, (30,), FusionOptions())


def test_views_that_agree_are_averaged_and_those_that_miss_a_box_damp_it() -> None:
    boxes = proposals(
        [(0.0, 10.0), (1.0, 11.0), (50.0, 60.0)], [0.8, 0.8, 0.8], expected=[2.0, 2.0, 2.0]
    )
    edges, _, scores = boxes.fused(FusionOptions(method="cluster"))
    overlap = 9 / 11
    assert edges[0, 0] == pytest.approx([overlap / (1 + overlap), 10 + overlap / (1 + overlap)])
    assert scores == pytest.approx([0.8, 0.4])


def test_of_two_windows_the_one_that_sees_more_decides_in_suppression() -> None:
    boxes = proposals([(0.0, 10.0), (0.0, 12.0)], [0.9, 0.8], weights=[0.5, 1.0])
    edges, _, scores = boxes.fused(FusionOptions(method="suppress"))
    assert edges.tolist() == [[[0.0, 12.0]]]
    assert scores.tolist() == [0.8]


@pytest.mark.parametrize("method", ["cluster", "suppress"])
def test_classes_are_fused_apart_and_the_surest_are_kept(method: str) -> None:
    spans = [(0.0, 10.0), (0.0, 10.0), (30.0, 40.0), (60.0, 70.0)]
    boxes = proposals(spans, [0.9, 0.7, 0.5, 0.01], classes=[0, 1, 1, 1])
    options = FusionOptions(method=method)
    edges, classes, scores = boxes.fused(options)
    assert classes.tolist() == [0, 1, 1]
    assert scores == pytest.approx([0.9, 0.7, 0.5])
    assert len(boxes.fused(options.model_copy(update={"most": 2}))[0]) == 2
    assert edges[:, 0, 0].tolist() == [0.0, 0.0, 30.0]


def test_the_surest_are_held_in_their_order() -> None:
    boxes = proposals([(float(at), at + 1.0) for at in range(4)], [0.2, 0.9, 0.1, 0.5])
    assert boxes.surest(2).scores.tolist() == [0.9, 0.5]
    assert boxes.surest(9) is boxes
    both = Proposals.joined([boxes, Proposals.none(1), boxes])
    assert len(both) == 8
