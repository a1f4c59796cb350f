"""Of a mask with a palette the numbers count, not the colours."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from scanwright.base import FileError
from scanwright.data import FileReference, index_data, read_case
from scanwright.data.palette import PaletteReference, plain_reference
from scanwright.image import MaskTarget
from scanwright.io import probe
from tests.data.mask_builders import labels, make_folders, noise, put_png

COLOURS = [0, 0, 0, 255, 0, 0, 0, 255, 0] + [0] * 759


def put_palette(path: Path) -> None:
    picture = Picture.fromarray(labels(1, 2, size=(16, 18)))
    picture.putpalette(COLOURS)
    picture.save(path)


def test_numbers_of_colours_are_classes(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": labels(1, 2, size=(16, 18))})
    put_palette(tmp_path / "masks" / "a.png")
    index = index_data(tmp_path)
    assert index.task.labels == ("label 1", "label 2")
    target = read_case(index.entries[0]).target
    assert isinstance(target, MaskTarget)
    np.testing.assert_array_equal(target.labels.array[0], labels(1, 2, size=(16, 18)))


def test_true_colours_have_no_palette(tmp_path: Path) -> None:
    colour = put_png(tmp_path / "c.png", np.stack([noise(0), noise(1), noise(2)]))
    assert plain_reference(colour, probe(colour)) == FileReference(colour)
    grey = put_png(tmp_path / "g.png", noise(0))
    assert plain_reference(grey, probe(grey)) == FileReference(grey)


def test_a_damaged_file_is_an_error_of_its_file(tmp_path: Path) -> None:
    put_palette(tmp_path / "a.png")
    header = probe(tmp_path / "a.png")
    assert isinstance(plain_reference(tmp_path / "a.png", header), PaletteReference)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(FileError, match=r"a\.png"):
        PaletteReference(tmp_path / "a.png").read()
    assert plain_reference(tmp_path / "a.png", header) == FileReference(tmp_path / "a.png")
