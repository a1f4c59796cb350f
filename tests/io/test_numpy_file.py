"""Tests of .npy and .npz."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scanwright.base import FileError
from scanwright.image import Geometry, Image, Modality
from scanwright.io import probe, read, write
from tests.io.builders import noise, turned

DTYPES = ["bool", "uint8", "int16", "uint16", "int64", "float16", "float32", "float64"]


@given(
    data=st.data(),
    shape=hnp.array_shapes(min_dims=2, max_dims=4, max_side=6),
    dtype=st.sampled_from(DTYPES),
)
def test_npz_holds_any_image_exactly(
    data: st.DataObject, shape: tuple[int, ...], dtype: str, tmp_path: Path
) -> None:
    rank = len(shape) - 1
    names = tuple(f"echo {index}" for index in range(shape[0]))
    geometry = data.draw(
        st.sampled_from([Geometry.pixels(rank), Geometry.detector((0.1,) * rank), turned(rank)])
    )
    image = Image(
        data.draw(hnp.arrays(dtype, shape)), geometry, Modality.MRI, "a.u.", channels=names
    )
    write(image, tmp_path / "a.npz")
    back = read(tmp_path / "a.npz")
    assert back.is_equal(image)
    assert back.channels == names
    assert probe(tmp_path / "a.npz").agrees(image)


@given(
    data=st.data(),
    shape=hnp.array_shapes(min_dims=2, max_dims=4, max_side=5),
    dtype=st.sampled_from(DTYPES),
)
def test_npy_round_trips_or_refuses(
    data: st.DataObject, shape: tuple[int, ...], dtype: str, tmp_path: Path
) -> None:
    image = Image.from_array(data.draw(hnp.arrays(dtype, shape)))
    try:
        write(image, tmp_path / "a.npy")
    except FileError:
        assert shape[0] != 1 or shape[-1] == 3  # never a plain grey image
    else:
        assert read(tmp_path / "a.npy").is_equal(image)
        assert probe(tmp_path / "a.npy").agrees(image)


@pytest.mark.parametrize(
    ("stored", "channels", "size"),
    [
        ((7,), 1, (7,)),
        ((6, 5), 1, (6, 5)),
        ((6, 3), 1, (6, 3)),
        ((6, 5, 3), 3, (6, 5)),
        ((4, 6, 5), 1, (4, 6, 5)),
        ((4, 6, 5, 3), 3, (4, 6, 5)),
        ((2, 4, 6, 5), 2, (4, 6, 5)),
    ],
)
def test_bare_arrays_are_understood(
    stored: tuple[int, ...], channels: int, size: tuple[int, ...], tmp_path: Path
) -> None:
    array = noise(stored, "float32")
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", scan=array)
    for name in ("a.npy", "a.npz"):
        image = read(tmp_path / name)
        assert (len(image.array), image.size) == (channels, size)
        assert image.array.sum() == array.sum()
        assert probe(tmp_path / name).agrees(image)


def test_byte_and_memory_order_do_not_matter(tmp_path: Path) -> None:
    array = np.asfortranarray(noise((6, 5)).astype(">i2"))
    np.save(tmp_path / "a.npy", array)
    image = read(tmp_path / "a.npy")
    assert image.array.dtype == np.int16
    assert np.array_equal(image.array[0], array)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "sprung",)

    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", a=np.array([Trap()], dtype=object))
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Trap()))
    for name in ("a.npy", "a.npz", "b.npy"):
        for action in (read, probe):
            with pytest.raises(FileError):
                action(tmp_path / name)
    assert not (tmp_path / "sprung").exists()


def test_a_data_set_of_many_arrays_is_no_image(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", train_images=noise((4, 5)), train_labels=noise((4, 1)))
    with pytest.raises(FileError, match="does not hold one array"):
        read(tmp_path / "a.npz")


@pytest.mark.parametrize("dtype", ["complex64", "U3", "datetime64[s]"])
def test_what_is_no_number_is_refused(dtype: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 5), dtype))
    with pytest.raises(FileError, match="no numbers"):
        read(tmp_path / "a.npy")


def test_a_declared_giant_is_refused_at_once(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", noise((6, 5)))
    content = (
        (tmp_path / "a.npy").read_bytes().replace(b"(6, 5), }   ", b"(600000, 500000), }"[:12])
    )
    (tmp_path / "a.npy").write_bytes(content)
    with pytest.raises(FileError):
        read(tmp_path / "a.npy")


def test_too_many_axes_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", noise((2, 2, 2, 2, 2)))
    with pytest.raises(FileError, match="too many axes"):
        read(tmp_path / "a.npy")
