import tracemalloc

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from scanwright.base import GeometryError, ShapeError
from scanwright.image import Case, Geometry, Image
from scanwright.inference import LabelRule, Slab, export_labels, map_grids
from scanwright.transforms import Pipeline

OUTPUTS = 4


def smooth_logits(size: tuple[int, ...], seed: int = 0, outputs: int = OUTPUTS) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=(outputs, *size))
    return ndimage.gaussian_filter(noise, (0, *(1.5,) * len(size))).astype(np.float32)


def slabs_of(logits: np.ndarray, depth: int) -> list[Slab]:
    return [
        Slab(start, logits[:, start : start + depth]) for start in range(0, logits.shape[1], depth)
    ]


def enlarged(logits: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Resample as skimage's `resize` of order 1 with edges repeated does, in double precision."""
    factors = np.array(size) / np.array(logits.shape[1:])
    return np.stack(
        [
            ndimage.zoom(one.astype(float), factors, order=1, mode="nearest", grid_mode=True)
            for one in logits
        ]
    )


def grids(
    network: tuple[int, ...], source: tuple[int, ...], spacing_mm: tuple[float, ...] | None = None
):
    grid = Geometry.axial(spacing_mm or (1.0,) * len(source))
    return map_grids((network, grid.resized(source, network)), (source, grid))


@pytest.mark.parametrize("depth", [1, 3, 100])
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("network", "source"),
    [
        ((9, 12, 10), (15, 13, 25)),
        ((9, 12, 10), (4, 12, 5)),
        ((20, 30), (41, 17)),
        ((6, 7, 8), (6, 7, 8)),
        ((1, 5, 5), (3, 9, 9)),
        ((30,), (47,)),
    ],
)
def test_labels_are_those_of_the_whole_volume_interpolated_linearly(
    network: tuple[int, ...], source: tuple[int, ...], depth: int, threads: int
) -> None:
    logits = smooth_logits(network)
    got = export_labels(
        slabs_of(logits, depth), grids(network, source), LabelRule((0, 1, 2, 3)), threads=threads
    )
    assert got.shape == (1, *source)
    assert got.dtype == np.uint8
    assert np.array_equal(got[0], enlarged(logits, source).argmax(axis=0))


def test_along_a_coarse_axis_the_nearest_slice_counts() -> None:
    network, source = (7, 20, 20), (13, 31, 26)
    logits = smooth_logits(network)
    grid = Geometry.axial((5.0, 1.0, 1.0))
    maps = map_grids((network, grid.resized(source, network)), (source, grid))
    planes = np.stack([enlarged(logits[:, z], source[1:]) for z in range(network[0])], axis=1)
    places = (np.arange(source[0]) + 0.5) * network[0] / source[0] - 0.5
    nearest = np.floor(np.clip(places, 0, network[0] - 1) + 0.5).astype(int)
    got = export_labels(slabs_of(logits, 2), maps, LabelRule((0, 1, 2, 3)))
    assert np.array_equal(got[0], planes.argmax(axis=0)[nearest])


def test_two_coarse_axes_are_interpolated_like_any() -> None:
    network, source = (8, 9, 20), (16, 18, 30)
    logits = smooth_logits(network)
    got = export_labels(
        slabs_of(logits, 3), grids(network, source, (5.0, 5.0, 1.0)), LabelRule((0, 1, 2, 3))
    )
    assert np.array_equal(got[0], enlarged(logits, source).argmax(axis=0))


def test_regions_are_thresholded_each_by_itself() -> None:
    network, source = (6, 8, 9), (11, 15, 9)
    logits = smooth_logits(network, outputs=3) * 10
    got = export_labels(
        slabs_of(logits, 4), grids(network, source), LabelRule(thresholds=(0.0, 0.5, -1.0))
    )
    expected = enlarged(logits, source) > np.array([0.0, 0.5, -1.0]).reshape(3, 1, 1, 1)
    assert got.shape == (3, *source)
    assert np.array_equal(got, expected)


def test_values_of_the_map_may_be_any() -> None:
    logits = smooth_logits((5, 5))
    got = export_labels(slabs_of(logits, 5), grids((5, 5), (5, 5)), LabelRule((0, 7, 1000, 3)))
    assert got.dtype == np.uint16
    assert np.array_equal(got[0], np.array([0, 7, 1000, 3])[logits.argmax(axis=0)])


@settings(max_examples=30, deadline=None)
@given(
    data=st.data(),
    axes=st.sampled_from(["SPL", "RAS", "LIP", "AIR"]),
    rank=st.sampled_from([2, 3]),
)
def test_labels_come_back_to_the_grid_that_was_turned_and_cropped(
    data: st.DataObject, axes: str, rank: int
) -> None:
    size = data.draw(st.tuples(*[st.integers(5, 9)] * rank))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = np.zeros(size, dtype=np.int64)
    inner = tuple(slice(1, edge - 1) for edge in size)
    values[inner] = rng.integers(1, OUTPUTS, tuple(edge - 2 for edge in size))
    case = Case.of(Image(values[None].astype(np.float32), Geometry.axial((2.0, 1.0, 1.5)[:rank])))
    steps = [{"kind": "orient", "axes": axes}, {"kind": "crop_to_content", "level": 0.5}]
    prepared = Pipeline.from_plain(steps).apply(case)[0].image  # type: ignore[arg-type]  # plain
    logits = np.stack([prepared.array[0] == value for value in range(OUTPUTS)])
    maps = map_grids((prepared.size, prepared.geometry), (size, case.image.geometry))
    got = export_labels(
        slabs_of(logits.astype(np.float32), 2), maps, LabelRule(tuple(range(OUTPUTS)))
    )
    assert np.array_equal(got[0], values)


def test_elements_that_were_cropped_away_are_background() -> None:
    grid = Geometry.axial((1.0, 1.0))
    maps = map_grids(((4, 3), grid.cropped((2, 5))), ((10, 10), grid))
    logits = np.stack([np.zeros((4, 3)), np.ones((4, 3))]).astype(np.float32)
    got = export_labels([Slab(0, logits)], maps, LabelRule((0, 9)))
    expected = np.zeros((10, 10))
    expected[2:6, 5:8] = 9
    assert np.array_equal(got[0], expected)


def test_a_spacing_that_rounds_leaves_no_border_unlabelled() -> None:
    image = Image(np.ones((1, 11, 13), dtype=np.float32), Geometry.axial((1.0, 1.0)))
    step = {"kind": "resample", "spacing_mm": [1.7, 2.3]}
    prepared = Pipeline.from_plain([step]).apply(Case.of(image))[0].image  # type: ignore[list-item]
    logits = np.stack([np.zeros(prepared.size), np.ones(prepared.size)]).astype(np.float32)
    maps = map_grids((prepared.size, prepared.geometry), (image.size, image.geometry))
    assert export_labels([Slab(0, logits)], maps, LabelRule((0, 1))).all()


def test_grids_that_are_turned_against_each_other_are_refused() -> None:
    turn = np.array([[0, 0.6, 0.8], [0, 0.8, -0.6], [1, 0, 0]])
    turned = Geometry((1.0, 1.0, 1.0), turn)
    with pytest.raises(GeometryError, match="turned"):
        map_grids(((9, 9, 9), Geometry.axial((1.0, 1.0, 1.0))), ((9, 9, 9), turned))


@pytest.mark.parametrize(
    "slabs",
    [
        [Slab(0, np.zeros((2, 3, 4), np.float32))],
        [Slab(1, np.zeros((2, 5, 4), np.float32))],
        [Slab(0, np.zeros((3, 5, 4), np.float32))],
        [Slab(0, np.zeros((2, 5, 5), np.float32))],
    ],
)
def test_slabs_that_do_not_make_up_the_grid_are_refused(slabs: list[Slab]) -> None:
    with pytest.raises(ShapeError):
        export_labels(slabs, grids((5, 4), (5, 4)), LabelRule((0, 1)))


def test_a_rule_is_for_classes_or_for_regions() -> None:
    with pytest.raises(ShapeError):
        LabelRule()
    with pytest.raises(ShapeError):
        LabelRule((0, 1), (0.0,))


OBLIQUE = {
    "turned": [[0.1736, 0.9848, 0.0], [0.0, 0.0, 1.0], [0.9848, -0.1736, 0.0]],
    "sheared": [[0.0, 0.0, 1.0], [0.3420, 1.0, 0.0], [0.9397, 0.0, 0.0]],
}


@pytest.mark.parametrize("directions", OBLIQUE.values(), ids=OBLIQUE)
def test_oblique_and_sheared_grids_get_their_labels_back(directions: list[list[float]]) -> None:
    matrix = np.array(directions)
    geometry = Geometry((2.0, 1.0, 1.5), matrix / np.linalg.norm(matrix, axis=0), (9.0, -5.0, 3.0))
    values = np.zeros((9, 10, 11), dtype=np.int64)
    values[2:7, 3:8, 4:9] = np.random.default_rng(0).integers(1, OUTPUTS, (5, 5, 5))
    case = Case.of(Image(values[None].astype(np.float32), geometry))
    steps = [{"kind": "orient", "axes": "LIP"}, {"kind": "crop_to_content", "level": 0.5}]
    prepared = Pipeline.from_plain(steps).apply(case)[0].image  # type: ignore[arg-type]  # plain
    assert prepared.size != values.shape
    logits = np.stack([prepared.array[0] == value for value in range(OUTPUTS)])
    maps = map_grids((prepared.size, prepared.geometry), (values.shape, geometry))
    rule = LabelRule(tuple(range(OUTPUTS)))
    got = export_labels([Slab(0, logits.astype(np.float32))], maps, rule)
    assert np.array_equal(got[0], values)


def highest_bytes(outputs: int, depth: int) -> int:
    """Return what export holds at most beside its label map, from logits made as they come."""
    network, source = (depth, 40, 40), (depth * 2, 80, 80)
    plane = smooth_logits((1, 40, 40), outputs=outputs)
    maps = grids(network, source)
    tracemalloc.start()
    labels = export_labels(
        (Slab(z, plane) for z in range(depth)), maps, LabelRule(tuple(range(outputs)))
    )
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest - labels.nbytes


def test_memory_does_not_grow_with_the_volume_and_little_with_classes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scanwright.inference.export.BLOCK_BYTES", 2**16)
    highest_bytes(2, 4)  # compile
    assert highest_bytes(4, 80) < 1.1 * highest_bytes(4, 20) + 2**16
    all_enlarged = 4 * 64 * 40 * 80 * 80
    assert highest_bytes(64, 20) < 0.05 * all_enlarged


def as_itk(array: np.ndarray, geometry: Geometry) -> SimpleITK.Image:
    """Return a volume (Z, Y, X) with its place, in SimpleITK's order of axes."""
    image = SimpleITK.GetImageFromArray(array.astype(np.float32))
    image.SetSpacing([float(mm) for mm in geometry.spacing_mm[::-1]])
    image.SetOrigin([float(mm) for mm in geometry.origin_lps])
    image.SetDirection(geometry.directions[:, ::-1].ravel().tolist())
    return image


def test_a_turned_and_resampled_volume_comes_back_where_simpleitk_puts_it() -> None:
    matrix = np.array(OBLIQUE["turned"])
    geometry = Geometry((2.0, 1.0, 1.5), matrix / np.linalg.norm(matrix, axis=0), (9.0, -5.0, 3.0))
    array = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(12, 17, 15)), 1.5)
    steps = [{"kind": "orient", "axes": "LIP"}, {"kind": "resample", "spacing_mm": [1.3]}]
    case = Case.of(Image(array[None].astype(np.float32), geometry))
    prepared = Pipeline.from_plain(steps).apply(case)[0].image  # type: ignore[arg-type]  # plain
    logit = prepared.array.astype(np.float32)
    maps = map_grids((prepared.size, prepared.geometry), (array.shape, geometry))
    got = export_labels([Slab(0, logit)], maps, LabelRule(thresholds=(0.0,)))
    back = SimpleITK.Resample(
        as_itk(logit[0], prepared.geometry),
        as_itk(array, geometry),
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
        np.nan,
    )
    expected = SimpleITK.GetArrayFromImage(back)
    is_known = np.isfinite(expected) & (np.abs(expected) > 1e-6)
    assert is_known.mean() > 0.8
    assert np.array_equal(got[0][is_known], expected[is_known] > 0)
