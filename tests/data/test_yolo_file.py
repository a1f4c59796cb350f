from pathlib import Path

import numpy as np
import pytest
import yaml

from scanwright.base import LabelError
from scanwright.data.yolo_file import has_key_points, looks_like_yolo, read_names, read_yolo


def put(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_line_is_a_centre_and_a_size_in_shares(tmp_path: Path) -> None:
    given = read_yolo(put(tmp_path / "a.txt", "1 0.5 0.25 0.2 0.5\n\n"), ("a", "b"))
    assert (given.labels, given.unit) == (("b",), "shares")
    np.testing.assert_allclose(given.edges, [[[0, 0.5], [0.4, 0.6]]])


def test_an_outline_becomes_the_box_around_it_and_key_points_are_passed_over(
    tmp_path: Path,
) -> None:
    outline = put(tmp_path / "a.txt", "0 0.1 0.2 0.5 0.2 0.5 0.9")
    np.testing.assert_allclose(read_yolo(outline, ()).edges, [[[0.2, 0.9], [0.1, 0.5]]])
    pose = put(tmp_path / "b.txt", "0 0.5 0.5 0.2 0.2 0.5 0.5 2")
    given = read_yolo(pose, (), has_points=True)
    np.testing.assert_allclose(given.edges, [[[0.4, 0.6], [0.4, 0.6]]])


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0 0.1 0.2 0.3 0.4 0.9", "it holds 6 numbers"),
        ("0 0.1", "it holds 2 numbers"),
        ("0 12 20 30 40", "no shares"),
        ("x 0.1 0.2 0.3 0.4", "it holds words"),
        ("0.5 0.1 0.2 0.3 0.4", "number of a class"),
        ("7 0.1 0.2 0.3 0.4", "class 7 has no name among 1"),
    ],
)
def test_a_line_that_is_neither_is_refused_with_its_number(
    tmp_path: Path, line: str, why: str
) -> None:
    path = put(tmp_path / "a.txt", f"0 0.5 0.5 0.1 0.1\n{line}\n")
    with pytest.raises(LabelError, match=f"Line 2 .*{why}"):
        read_yolo(path, ("a",))


def test_a_glance_tells_boxes_from_words_and_from_nothing(tmp_path: Path) -> None:
    assert looks_like_yolo(put(tmp_path / "a.txt", "\n3 0.5 0.5 0.1 0.1")) is True
    assert looks_like_yolo(put(tmp_path / "b.txt", "a report of the image")) is False
    assert looks_like_yolo(put(tmp_path / "c.txt", "\n")) is None
    assert looks_like_yolo(tmp_path / "none.txt") is False


@pytest.mark.parametrize(
    "text",
    [
        "nc: 3\nnames: [lung, 'a, b', \"c d\"]\n",
        "names:\n- lung\n- 'a, b'\n- c d\nnc: 3\n",
        "train: images\nnames:\n  0: lung\n  1: a, b\n  2: c d\n",
        "names: {0: lung, 1: 'a, b', 2: c d}",
        "names: ['lung',\n  'a, b',\n  'c d']\nnc: 3",
        "names:  # all\n  - lung  # the first\n  - a, b\n\n  - c d\n",
    ],
)
def test_names_in_yaml_are_read_as_yaml_reads_them(tmp_path: Path, text: str) -> None:
    told = yaml.safe_load(text)["names"]
    expected = tuple(told.values() if isinstance(told, dict) else told)
    assert read_names(put(tmp_path / "data.yaml", text)) == expected == ("lung", "a, b", "c d")


def test_lists_of_names_have_one_a_line(tmp_path: Path) -> None:
    assert read_names(put(tmp_path / "classes.txt", "a\nb c\n\n")) == ("a", "b c")
    assert read_names(put(tmp_path / "data.yaml", "nc: 3\n")) == ()
    assert has_key_points(put(tmp_path / "pose.yaml", "nc: 1\nkpt_shape: [17, 3]\n"))
