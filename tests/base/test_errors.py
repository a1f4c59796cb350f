import copy
import pickle

import pytest

from scanwright.base import (
    EXIT_CODES,
    BundleError,
    FileError,
    GeometryError,
    InputError,
    LabelError,
    OccupiedError,
    RecipeError,
    ResourceError,
    ScanwrightError,
    ShapeError,
    SplitError,
)
from scanwright.base import errors as module


def tree(kind: type[ScanwrightError] = ScanwrightError) -> list[type[ScanwrightError]]:
    """Return the classes of this file; other rooms may make a class of their own for one case."""
    own = [child for child in kind.__subclasses__() if child.__module__ == module.__name__]
    return [kind, *(one for child in own for one in tree(child))]


def test_a_message_says_what_got_legal_next_and_where_in_that_order() -> None:
    error = InputError("It is wrong.", got=(1, 2), legal="(2, 1)", next="turn it", where="a.png")
    assert str(error) == "It is wrong. | got: (1, 2) | legal: (2, 1) | next: turn it | where: a.png"
    assert error.sentence() == str(error)


def test_what_was_not_given_is_left_out_but_zero_and_empty_are_not() -> None:
    assert str(ScanwrightError("It is wrong.")) == "It is wrong."
    assert ScanwrightError("It is wrong.").details() == {}
    assert ScanwrightError("It is wrong.", got=0, legal=False, where="").details() == {
        "got": "0",
        "legal": "False",
        "where": "",
    }


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_from_the_table_and_a_server_status(
    kind: type[ScanwrightError],
) -> None:
    assert kind.exit_code in EXIT_CODES
    assert 400 <= kind.status < 600


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_the_drawing_of_the_tree_shows_every_error_with_its_exit_code(
    kind: type[ScanwrightError],
) -> None:
    assert module.__doc__ is not None
    drawn = {
        words[0]: int(words[1])
        for line in module.__doc__.splitlines()
        if len(words := line.strip("│├└─ ").split()) > 2 and words[0].endswith("Error")
    }
    assert drawn[kind.__name__] == kind.exit_code


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ScanwrightError, 1),
        (InputError, 3),
        (FileError, 3),
        (GeometryError, 3),
        (ShapeError, 3),
        (LabelError, 3),
        (SplitError, 3),
        (RecipeError, 4),
        (BundleError, 5),
        (ResourceError, 6),
        (OccupiedError, 7),
    ],
)
def test_exit_codes_are_those_that_scripts_rely_on(kind: type[ScanwrightError], code: int) -> None:
    assert kind.exit_code == code


def test_exit_codes_keep_clear_of_those_of_shell_and_command_line() -> None:
    assert EXIT_CODES[0] == "done"
    assert 2 in EXIT_CODES
    assert 130 in EXIT_CODES
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)


@pytest.mark.parametrize("travel", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_an_error_survives_the_journey_between_processes(
    kind: type[ScanwrightError], travel: object
) -> None:
    error = kind("It is wrong.", got=(1, 2), next="turn it")
    assert callable(travel)
    back = travel(error)
    assert type(back) is kind
    assert str(back) == str(error)
    assert back.details() == error.details()


def test_an_error_whose_details_cannot_travel_still_does() -> None:
    error = FileError("It is wrong.", got=(part for part in ()))
    assert "generator" in str(pickle.loads(pickle.dumps(error)))
