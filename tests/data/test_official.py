import pytest

from scanwright.data.official import part_named


@pytest.mark.parametrize(
    ("word", "part"),
    [
        ("Train", "train"),
        (" training ", "train"),
        ("val", "validation"),
        ("VALID", "validation"),
        ("dev", "validation"),
        ("test", "test"),
        ("normal", None),
        ("", None),
    ],
)
def test_words_for_parts(word: str, part: str | None) -> None:
    assert part_named(word) == part
