import itertools
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.image import Case
from scanwright.inference import (
    Compute,
    Decision,
    DetectionPredictor,
    FusionOptions,
    InputLimits,
    WindowOptions,
)
from scanwright.nets import Cells, NetworkOptions, build_network
from scanwright.transforms import Pipeline
from tests.inference.spots import Spots, edges_around, image_of

CPU = Compute(torch.device("cpu"), None, 1)
SIZES = {2: (40, 60), 3: (20, 40, 60)}
SPOTS = {
    2: {(4, 6): 0.5, (30, 25): 0.9, (16, 52): 0.6, (39, 59): 0.8},
    3: {(3, 4, 6): 0.5, (10, 30, 25): 0.9, (15, 16, 52): 0.6, (19, 39, 59): 0.8},
}


def predictor(rank: int, **facts: object) -> DetectionPredictor:
    given = {
        "networks": [Spots()],
        "pipeline": Pipeline(()),
        "labels": ("faint", "bright"),
        "limits": InputLimits(rank=rank, channels=(1,), smallest=(6,) * rank, largest=(64,) * rank),
        "compute": CPU,
        "window": (8, 16, 16)[-rank:],
        "fusion": FusionOptions(border=0.0),
        **facts,
    }
    return DetectionPredictor(**given)  # type: ignore[arg-type]  # facts by name


def by_place(edges: np.ndarray) -> np.ndarray:
    return edges[np.lexsort(edges[:, ::-1, 0].T)]


@pytest.mark.parametrize("rank", [2, 3])
def test_boxes_lie_where_the_spots_are_whichever_windows_see_them(rank: int) -> None:
    image = image_of(SPOTS[rank], SIZES[rank])
    (found,) = predictor(rank).predict([Case.of(image, "one")])
    expected = edges_around(SPOTS[rank], SIZES[rank])
    assert found.case == "one"
    assert np.allclose(by_place(found.edges), by_place(expected), atol=1e-5)
    heights = np.array(list(SPOTS[rank].values()))
    order = np.argsort(-heights)
    assert np.allclose(found.edges, expected[order], atol=1e-5)
    assert found.classes.tolist() == (heights[order] > 0.7).tolist()
    assert found.scores == pytest.approx(1 / (1 + np.exp(-4 * heights[order])), abs=1e-6)


@pytest.mark.parametrize("axes", ["RAS", "LIP", "AIR"])
@pytest.mark.parametrize("rank", [2, 3])
def test_turning_is_undone(rank: int, axes: str) -> None:
    spots = {(8, 12, 16)[-rank:]: 0.5, (10, 30, 25)[-rank:]: 0.9, (12, 20, 50)[-rank:]: 0.6}
    case = Case.of(image_of(spots, SIZES[rank]))
    pipeline = Pipeline.from_plain([{"kind": "orient", "axes": axes}])
    found = predictor(rank, pipeline=pipeline).predict_one(case)
    turned = pipeline.apply(case)[0].image.geometry
    # The box reaches further towards high indices of the turned grid.
    origin = case.image.geometry.to_index(turned.to_world(np.zeros((1, rank))))
    ahead = case.image.geometry.to_index(turned.to_world(np.ones((1, rank)))) - origin
    expected = np.array([(10, 30, 25)[-rank:], (12, 20, 50)[-rank:], (8, 12, 16)[-rank:]])
    assert np.allclose(found.edges.mean(axis=2), expected + ahead / 2, atol=1e-4)
    assert np.allclose(found.edges[:, :, 1] - found.edges[:, :, 0], 6.0, atol=1e-4)


@pytest.mark.parametrize("rank", [2, 3])
def test_resampling_is_undone(rank: int) -> None:
    grid = np.meshgrid(*(np.arange(n) for n in SIZES[rank]), indexing="ij")
    middle = (9, 21, 33)[-rank:]
    far = sum((axis - at) ** 2 for axis, at in zip(grid, middle, strict=True))
    image = image_of({}, SIZES[rank], spacing_mm=1.0)
    image = type(image)(np.exp(-far / 4)[None].astype(np.float32), image.geometry)
    pipeline = Pipeline.from_plain([{"kind": "resample", "spacing_mm": [0.5]}])
    window = (40, 80, 120)[-rank:]
    found = predictor(rank, pipeline=pipeline, window=window).predict_one(Case.of(image, "one"))
    middles = found.edges[0].mean(axis=1)
    assert len(found) == 1
    # The box reaches 3 elements of half the edge each way, 0.25 further towards high indices.
    assert np.allclose(middles, np.array(middle) + 0.25, atol=0.3)
    assert np.allclose(found.edges[0, :, 1] - found.edges[0, :, 0], 3.0, atol=0.1)


@pytest.mark.parametrize("rank", [2, 3])
def test_an_image_smaller_than_the_window_is_padded_about_its_middle(rank: int) -> None:
    size, place = (6, 11, 9)[-rank:], (3, 1, 8)[-rank:]
    seen = []

    class Watching(Spots):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            seen.append(images)
            return super().forward(images)

    image = image_of({place: 0.8}, size)
    found = predictor(rank, networks=[Watching()]).predict_one(Case.of(image))
    window = (8, 16, 16)[-rank:]
    assert [tuple(images.shape[2:]) for images in seen] == [window]
    before = [-((edge - whole) // 2) for edge, whole in zip(size, window, strict=True)]
    (shown,) = np.argwhere(seen[0][0, 0].numpy() > 0)
    assert shown.tolist() == [at + start for at, start in zip(place, before, strict=True)]
    assert np.allclose(found.edges, edges_around({place: 0.8}, size))


@pytest.mark.parametrize("rank", [2, 3])
def test_mirrors_batches_and_networks_that_agree_change_only_what_is_lopsided(rank: int) -> None:
    image = Case.of(image_of(SPOTS[rank], SIZES[rank]))
    options = WindowOptions(mirrors=tuple(range(rank)), batch=3, overlap=0.25)
    found = predictor(rank, options=options, networks=[Spots(), Spots()]).predict_one(image)
    plain = predictor(rank).predict_one(image)
    assert found.classes.tolist() == plain.classes.tolist()
    assert found.scores == pytest.approx(plain.scores, abs=1e-6)
    # Mirrored views propose the box that reaches further on the other side, as often.
    inner = slice(0, 1)
    assert np.allclose(found.edges[inner].mean(axis=2), [(10, 30, 25)[-rank:]], atol=0.2)


class Dreamer(nn.Module):
    """Proposes a box in the middle of whatever window it sees."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        size = images.shape[2:]
        centre = torch.tensor([[(edge - 1) / 2] for edge in size]).expand(len(images), -1, -1)
        logits = torch.full((len(images), 2, 1), 3.0)
        return Cells(logits, centre - 2, centre + 2, centre, centre[:, :1]).joined()


def test_what_only_one_of_the_windows_there_sees_is_less_sure() -> None:
    case = Case.of(image_of(SPOTS[2], SIZES[2]))
    options = WindowOptions(overlap=0.75, skips_air=False)
    dreamt = predictor(2, networks=[Dreamer()], options=options).predict_one(case)
    assert dreamt.scores.max() < 0.6 < 1 / (1 + np.exp(-3))
    alone = FusionOptions(method="suppress", border=0.0)
    kept = predictor(2, networks=[Dreamer()], options=options, fusion=alone).predict_one(case)
    assert kept.scores == pytest.approx(1 / (1 + np.exp(-3)))


def test_a_finding_that_windows_cut_is_that_of_the_window_that_sees_it_whole() -> None:
    class Cut(Spots):
        """Cuts boxes to the window, as truth is cut in training."""

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            outputs = super().forward(images)
            outputs[:, 2:6] = outputs[:, 2:6].clamp(-0.5, images.shape[2] - 0.5)
            return outputs

    spots = {(15, 22): 0.9}  # windows begin at 0, 8, 16 and 24: that at 0 ends at 15.5
    case = Case.of(image_of(spots, (40, 40)))
    errors = []
    for border in (0.0, 1.0):
        fusion = FusionOptions(border=border)
        one = predictor(2, networks=[Cut()], window=(16, 16), fusion=fusion)
        found = one.predict_one(case)
        assert len(found) == 1
        errors.append(np.abs(found.edges - edges_around(spots, (40, 40))).max())
    assert errors[1] < errors[0] / 2


def test_the_decision_calibrates_and_reports() -> None:
    case = Case.of(image_of(SPOTS[2], SIZES[2]))
    decision = Decision(temperature=2.0, shift=(0.0, -1.0), thresholds=(0.75, 0.6))
    found = predictor(2, decision=decision).predict_one(case)
    odds = {0.9: 1.8 - 1, 0.8: 1.6 - 1, 0.6: 1.2, 0.5: 1.0}
    assert found.scores == pytest.approx(
        sorted((1 / (1 + np.exp(-x)) for x in odds.values()), reverse=True)
    )
    assert found.thresholds == (0.75, 0.6)
    assert found.is_reported.tolist() == [True, False, True, True]


def test_air_is_not_looked_at_and_an_image_without_a_finding_is_empty() -> None:
    case = Case.of(image_of({(5, 5): 0.3}, SIZES[2]))
    found = predictor(2).predict_one(case)
    assert len(found) == 0
    assert found.edges.shape == (0, 2, 2)

    class Counting(Spots):
        windows = 0

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            self.windows += len(images)
            return super().forward(images)

    counting = Counting()
    predictor(2, networks=[counting]).predict_one(case)
    assert 0 < counting.windows < 10


def test_memory_is_bounded_in_the_number_of_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanwright.inference.detection.MOST_HELD", 3)
    spots = {place: 0.5 + place[0] / 100 for place in itertools.product((5, 15, 25), (5, 15, 25))}
    one = predictor(2, options=WindowOptions(overlap=0.0))
    found = one.proposals(image_of(spots, (30, 30)))
    assert len(found) == 3
    assert found.scores == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-6)


def test_ten_thousand_boxes_in_one_image_are_found() -> None:
    places = itertools.product(range(6, 806, 8), range(6, 806, 8))
    spots = dict.fromkeys(places, 0.8)
    limits = InputLimits(rank=2, channels=(1,), smallest=(808,) * 2, largest=(808,) * 2)
    fusion = FusionOptions(most=10_000, at_once=1100, border=0.0)
    one = predictor(2, limits=limits, window=(252, 252), fusion=fusion)
    one = replace(one, options=WindowOptions(overlap=0.1))
    found = one.predict_one(Case.of(image_of(spots, (808, 808))))
    assert np.allclose(by_place(found.edges), by_place(edges_around(spots, (808, 808))), atol=1e-3)


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_quickened_networks_find_the_same(runtime: str) -> None:
    if runtime == "openvino" and find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    case = Case.of(image_of(SPOTS[2], SIZES[2]))
    plain = predictor(2).predict_one(case)
    quick = predictor(2).quickened(runtime).predict_one(case)  # type: ignore[arg-type]  # a name
    assert np.allclose(plain.edges, quick.edges, atol=1e-3)
    assert np.allclose(plain.scores, quick.scores, atol=1e-3)


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_a_quickened_detector_finds_the_same(runtime: str) -> None:
    if runtime == "openvino" and find_spec("openvino") is None:
        pytest.skip("openvino is not installed")
    options = NetworkOptions(rank=2, size=(64, 64), outputs=2, width=0.25)
    network = build_network("detector", options, seed=0)
    rng = np.random.default_rng(0)
    seen = torch.from_numpy(rng.normal(size=(2, 1, 64, 64)).astype(np.float32))
    for _ in range(3):
        network(seen)  # statistics
    network.eval()
    image = image_of({}, (64, 64))
    image = type(image)(seen[0].numpy(), image.geometry)
    fusion = FusionOptions(least_score=0.003)
    one = predictor(2, networks=[network], window=(64, 64), fusion=fusion)
    plain = one.predict_one(Case.of(image))
    quick = one.quickened(runtime).predict_one(Case.of(image))  # type: ignore[arg-type]  # a name
    assert len(plain) > 10
    assert quick.classes.tolist() == plain.classes.tolist()
    assert np.allclose(quick.edges, plain.edges, atol=1e-4)
    assert np.allclose(quick.scores, plain.scores, atol=1e-6)


def test_a_case_that_does_not_fit_is_refused() -> None:
    with pytest.raises(BundleError):
        predictor(3).predict_one(Case.of(image_of(SPOTS[2], SIZES[2])))
