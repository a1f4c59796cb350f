import re
from importlib.metadata import EntryPoint

import pytest

from scanwright.base import Catalog, RecipeError
from scanwright.base import catalog as module

FRUIT = {"pear": 1, "apple": 2}


def test_a_name_gives_its_plug() -> None:
    assert Catalog("fruit", FRUIT)["pear"] == 1


def test_an_unknown_name_is_an_error_that_names_the_nearest_and_all() -> None:
    with pytest.raises(RecipeError) as caught:
        Catalog("fruit", FRUIT)["aple"]
    assert caught.value.what == 'There is no fruit "aple".'
    assert caught.value.next == 'did you mean "apple"?'
    assert caught.value.legal == "apple, pear"


def test_names_come_in_order_whatever_the_table_says() -> None:
    catalog = Catalog("fruit", FRUIT)
    assert list(catalog) == ["apple", "pear"]
    assert catalog.items() == [("apple", 2), ("pear", 1)]
    assert len(catalog) == 2
    assert "pear" in catalog
    assert "plum" not in catalog


def test_later_changes_of_the_table_do_not_reach_the_catalog() -> None:
    table = dict(FRUIT)
    catalog = Catalog("fruit", table)
    table["plum"] = 3
    assert "plum" not in catalog


def test_other_packages_add_plugs_but_cannot_replace_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [EntryPoint("sub", "re:sub", "x"), EntryPoint("pear", "re:split", "x")]
    asked = []

    def installed(group: str) -> list[EntryPoint]:
        asked.append(group)
        return points

    monkeypatch.setattr(module, "entry_points", installed)
    catalog: Catalog[object] = Catalog("fruit", FRUIT, group="scanwright.fruit")
    assert catalog["apple"] == 2
    assert asked == [], "installed packages are looked at on a miss only"
    assert catalog["sub"] is re.sub
    assert catalog["pear"] == 1
    assert asked == ["scanwright.fruit"]


def test_a_catalog_without_a_group_asks_no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(group: str) -> list[EntryPoint]:
        raise AssertionError(group)

    monkeypatch.setattr(module, "entry_points", never)
    with pytest.raises(RecipeError):
        Catalog("fruit", FRUIT)["plum"]
