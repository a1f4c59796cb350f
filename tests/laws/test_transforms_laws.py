"""Laws of transforms, on drawn images."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.image import Case, Geometry, Image
from scanwright.transforms import (
    CropToContent,
    Invert,
    Orient,
    Pad,
    Pipeline,
    Range,
    Resample,
    Resize,
    ValueTransform,
    ZScore,
    undo,
)


@st.composite
def images(draw: st.DrawFn) -> Image:
    rank = draw(st.sampled_from([2, 3]))
    size = tuple(draw(st.integers(1, 9)) for _ in range(rank))
    values = st.integers(-1000, 1000)
    array = draw(hnp.arrays(np.int16, (1, *size), elements=values))
    spacing = tuple(draw(st.floats(0.3, 4)) for _ in range(rank))
    rotation = np.linalg.qr(np.random.default_rng(draw(st.integers(0, 99))).normal(size=(3, 3)))[0]
    origin = tuple(draw(st.floats(-200, 200)) for _ in range(3))
    return Image(array, Geometry(spacing, rotation[:, :rank], origin))


def centre(image: Image) -> np.ndarray:
    return image.geometry.to_world((np.array(image.size) - 1) / 2)


@given(images(), st.permutations("SPL"), st.integers(0, 7))
def test_undoing_orient_is_the_identity(image: Image, order: list[str], flips: int) -> None:
    opposite = dict(zip("SPL", "IAR", strict=True))
    axes = "".join(opposite[a] if flips >> i & 1 else a for i, a in enumerate(order))
    changed, trace = Pipeline((Orient(axes=axes),)).apply(Case.of(image))
    assert undo(changed, trace).image.is_equal(image)
    np.testing.assert_allclose(centre(changed.image), centre(image), atol=1e-9)


@given(images(), st.integers(1, 20))
def test_undoing_pad_is_the_identity(image: Image, size: int) -> None:
    changed, trace = Pipeline((Pad(size=(size,), larger="keep"),)).apply(Case.of(image))
    assert undo(changed, trace).image.is_equal(image)


@given(images(), st.integers(0, 3), st.integers(-900, 900))
def test_undoing_a_crop_is_the_identity_inside(image: Image, margin: int, level: int) -> None:
    step = CropToContent(margin=margin, level=level, least_share=0)
    changed, trace = Pipeline((step,)).apply(Case.of(image))
    back = undo(changed, trace).image
    assert back.geometry == image.geometry
    has_content = np.any(image.array > level)
    kept = back.array == image.array
    assert np.all(kept[image.array > level]) if has_content else np.all(kept)


@given(images(), st.floats(0.3, 5), st.sampled_from(["nearest", "linear", "cubic"]))
def test_resample_keeps_the_physical_centre(
    image: Image, spacing: float, interpolation: str
) -> None:
    step = Resample(spacing_mm=(spacing,), interpolation=interpolation)
    changed, trace = Pipeline((step,)).apply(Case.of(image))
    np.testing.assert_allclose(centre(changed.image), centre(image), atol=1e-6)
    assert undo(changed, trace).image.geometry == image.geometry


@given(
    images(),
    st.tuples(*(st.floats(0.3, 5) for _ in range(3))),
    st.sampled_from(["spacing", "extent"]),
    st.sampled_from([None, 1.5]),
)
def test_resample_undoes_to_the_old_grid_and_keeps_constants(
    image: Image, spacing: tuple[float, ...], exact: str, coarse_above: float | None
) -> None:
    step = Resample(
        spacing_mm=spacing[: image.rank],
        interpolation="cubic",
        exact=exact,
        coarse_above=coarse_above,
    )
    flat = image.with_array(np.full_like(image.array, 7))
    changed, trace = Pipeline((step,)).apply(Case.of(flat))
    np.testing.assert_allclose(centre(changed.image), centre(image), atol=1e-6)
    np.testing.assert_allclose(changed.image.array, 7, rtol=1e-6)
    back = undo(changed, trace).image
    assert (back.geometry, back.size) == (image.geometry, image.size)
    np.testing.assert_allclose(back.array, 7, rtol=1e-6)


@given(images(), st.sampled_from(["nearest", "linear", "cubic"]))
def test_resample_to_its_own_spacing_is_the_identity(image: Image, interpolation: str) -> None:
    for exact in ("spacing", "extent"):
        step = Resample(spacing_mm=(0.0,), interpolation=interpolation, exact=exact)
        moved = Pipeline((step,)).apply_image(image)
        assert np.array_equal(moved.array, image.array)
        assert moved.geometry.is_close(image.geometry)


@given(images(), st.integers(1, 12), st.sampled_from(["stretch", "pad", "crop"]))
def test_resize_gives_the_size_and_undoes_to_the_old_one(image: Image, size: int, fit: str) -> None:
    changed, trace = Pipeline((Resize(size=(size,), fit=fit),)).apply(Case.of(image))
    assert changed.image.size == (size,) * image.rank
    back = undo(changed, trace).image
    assert back.geometry == image.geometry
    assert back.size == image.size


@given(images(), st.sampled_from([Range(low=-1000, high=1000), ZScore(), Invert()]))
def test_undoing_values_is_the_identity_in_single_precision(
    image: Image, step: ValueTransform
) -> None:
    changed, trace = Pipeline((step,)).apply(Case.of(image))
    np.testing.assert_allclose(undo(changed, trace).image.array, image.array, atol=1e-3)


@settings(max_examples=40)
@given(
    hnp.arrays(np.float32, (1, 6, 7), elements=st.floats(-100, 100, width=32)),
    st.sampled_from(["nearest", "linear", "cubic"]),
    st.integers(1, 14),
)
def test_a_plane_is_a_volume_of_one_slice(array: np.ndarray, interpolation: str, size: int) -> None:
    flat = Pipeline((Resize(size=(size, size), interpolation=interpolation),))
    deep = Pipeline((Resize(size=(1, size, size), interpolation=interpolation),))
    plane = flat.apply_image(Image.from_array(array))
    volume = deep.apply_image(Image.from_array(array[:, None]))
    np.testing.assert_allclose(volume.array[:, 0], plane.array, atol=1e-4)
