from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanwright.base import FileError, RecipeError
from scanwright.data import Account, Entry, Index, IndexOptions, Skipped, TaskHint
from scanwright.data.index import account_for, reason_of
from scanwright.data.reference import FileReference
from scanwright.image import Modality
from tests.data.builders import made_entry

PLACES = st.sets(st.sampled_from([Path(f"{letter}.png") for letter in "abcdefgh"]))


@given(files=PLACES, used=PLACES, skipped=PLACES, other=PLACES, missing=st.sets(st.text()))
def test_every_file_ends_in_exactly_one_account(
    files: set[Path], used: set[Path], skipped: set[Path], other: set[Path], missing: set[str]
) -> None:
    entries = [Entry(str(path), FileReference(path)) for path in used]
    account = account_for(
        entries,
        files,
        skipped=dict.fromkeys(skipped, "why"),
        missing=dict.fromkeys(missing, "gone"),
        other=dict.fromkeys(other, "hidden"),
        otherwise="not named",
    )
    assert account.used == len(used)
    assert account.found == len(files | used | skipped | other) + len(missing)
    names = [one.source for one in (*account.skipped, *account.other) if one.reason != "gone"]
    assert sorted(names) == sorted(str(path) for path in (files | skipped | other) - used)


def test_an_account_that_does_not_add_up_cannot_be_made() -> None:
    with pytest.raises(AssertionError, match="a file is lost"):
        Account((Skipped("a", "b"),), (), used=1, found=1)


def test_two_cases_cannot_have_one_name() -> None:
    entries = (made_entry(1), made_entry(1))
    with pytest.raises(AssertionError, match="two cases have one name"):
        Index(Path(), "x", "x", entries, TaskHint("classes", ()), Account((), (), 2, 2))


def test_options_are_checked_by_name_and_value() -> None:
    with pytest.raises(RecipeError, match='did you mean "modality"'):
        IndexOptions.parse({"modalty": "ct"}, "")
    with pytest.raises(RecipeError, match="illegal value"):
        IndexOptions.parse({"modality": "camera"}, "")


def test_the_modality_asked_for_wins() -> None:
    assert IndexOptions().modality_or(Modality.CT) is Modality.CT
    assert IndexOptions(modality="mri").modality_or(Modality.CT) is Modality.MRI


def test_a_reason_has_no_path() -> None:
    error = FileError("The file ends too early.", got="3 bytes", where="/secret/name.png")
    assert reason_of(error) == "The file ends too early. (3 bytes)"
    assert reason_of(PermissionError(13, "Permission denied", "/secret")) == "Permission denied"
