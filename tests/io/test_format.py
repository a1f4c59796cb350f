"""Tests of the plug that a file format is, with one of our own."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from scanwright.base import Catalog
from scanwright.image import Geometry, Image
from scanwright.io import Header, ReadLimits, catalog, probe, read, recognise, write
from scanwright.io.format import Format


@dataclass(frozen=True)
class Lines:
    """An image as a list of lists in JSON."""

    suffixes: ClassVar[tuple[str, ...]] = (".lines",)

    @staticmethod
    def signature(head: bytes) -> bool:
        return head.startswith(b"[[")

    def probe(self, path: Path, limits: ReadLimits) -> Header:
        rows = json.loads(path.read_text())
        size = (len(rows), len(rows[0]))
        limits.check((1, *size), "int64", path)
        return Header("", size, 1, "int64", Geometry.pixels(2))

    def read(self, path: Path, limits: ReadLimits) -> Image:
        return Image.from_array(np.array(json.loads(path.read_text()))[None])

    def write(self, image: Image, path: Path) -> None:
        path.write_text(json.dumps(image.array[0].tolist()))


def test_another_format_takes_part_in_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    formats: Catalog[Format] = Catalog("file format", {"lines": Lines()})
    monkeypatch.setattr(catalog, "FORMATS", formats)
    image = Image.from_array(np.arange(6).reshape(1, 2, 3))
    path = tmp_path / "a.lines"
    write(image, path)
    assert recognise(path) == "lines"
    assert read(path).is_equal(image)
    assert probe(path).agrees(image)
