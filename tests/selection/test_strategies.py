from scanwright.selection import STRATEGIES
from scanwright.selection.strategies import doubt_of, is_doubtful
from tests.selection.builders import made_pool


def test_the_catalog_holds_what_the_help_page_names() -> None:
    assert list(STRATEGIES) == [
        "disagreement",
        "diversity",
        "expected_change",
        "margin",
        "mixed",
        "random",
        "uncertainty",
    ]


def test_doubt_can_be_had_of_all_but_one_networks_number() -> None:
    assert not is_doubtful(made_pool(kind="number", members=1))
    for kind, members in (("number", 2), ("exclusive", 1), ("independent", 1)):
        pool = made_pool(kind=kind, members=members)  # type: ignore[arg-type]  # a word of the list
        assert is_doubtful(pool)
        assert doubt_of(pool).shape == (len(pool),)
