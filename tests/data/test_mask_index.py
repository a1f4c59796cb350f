"""Paired files become an index in which every file is accounted for."""

from pathlib import Path

import pytest

from scanwright.base import SILENT, LabelError
from scanwright.data import IndexOptions, index_data
from scanwright.data.mask_case import MaskPlan
from scanwright.data.mask_index import Outline, Pair, Paired, index_pairs
from scanwright.data.walk import list_files
from tests.data.mask_builders import block, make_folders, noise, put_png


def test_every_file_is_accounted_for(tmp_path: Path) -> None:
    a, b, c = (put_png(tmp_path / f"{name}.png", noise(ord(name))) for name in "abc")
    mask, bad = put_png(tmp_path / "m.png", block()), tmp_path / "n.png"
    bad.write_bytes(b"\x89PNG\r\n\x1a\n broken")
    (tmp_path / "readme.md").write_text("words")
    pairs = (
        Pair("a", ((a,),), (Outline(mask),), split="test"),
        Pair("b", ((b,),), (Outline(bad),)),
        Pair("c", ((c,),), split="train"),
    )
    tree = list_files(tmp_path)
    paired = Paired(
        tmp_path, "made", "made by hand", tree, pairs, MaskPlan(), missing={"d": "gone"}
    )
    index = index_pairs(paired, IndexOptions(), SILENT)
    assert index.described == "made by hand: 1 image with 1 outlined structure (label 1)"
    assert [(one.name, one.split) for one in index.entries] == [("a", "test")]
    assert [(one.name, one.split) for one in index.unlabelled] == [("c", "train")]
    told = {Path(one.source).name: one.reason for one in index.skipped}
    assert told["d"] == "gone"
    assert told["b.png"].startswith("its mask n.png: ")
    others = {Path(one.source).name: one.reason for one in index.files.other}
    assert others == {
        "c.png": "no label",
        "n.png": "the mask of an image that cannot be used",
        "readme.md": "neither an image nor a mask",
    }
    assert index.files.found == 7


def test_files_that_cannot_be_read_are_named_when_none_is_left(tmp_path: Path) -> None:
    make_folders(tmp_path, {"a": block()})
    (tmp_path / "masks" / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(LabelError, match=r"can be read.*its mask a\.png"):
        index_data(tmp_path)
