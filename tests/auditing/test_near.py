from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanwright.auditing import NearOptions, find_near_duplicates, reduce_image
from scanwright.auditing.near import FULLY_PAIRED
from scanwright.image import Image
from tests.auditing.textures import COPIES, pictures_of, recompressed, texture

OTHERS = [texture(seed) for seed in range(40, 46)]


@pytest.mark.parametrize("name", COPIES)
def test_a_planted_copy_is_found_and_its_kind_told(name: str) -> None:
    kind, change = COPIES[name]
    original = texture(1)
    found = find_near_duplicates(pictures_of([*OTHERS, original, change(original)]))
    assert [(pair.first, pair.second, pair.kind) for pair in found.pairs] == [
        (len(OTHERS), len(OTHERS) + 1, kind)
    ]
    assert found.pairs[0].similarity > 0.96


def test_unlike_pictures_are_not_duplicates() -> None:
    found = find_near_duplicates(pictures_of([texture(seed) for seed in range(30)]))
    assert found.pairs == ()
    assert found.groups == ()


def test_the_same_anatomy_with_other_texture_is_no_duplicate() -> None:
    anatomy = texture(0, power=2.2).astype(float)
    alike = [(0.7 * anatomy + 0.3 * texture(seed)).astype(np.uint8) for seed in range(1, 16)]
    assert find_near_duplicates(pictures_of(alike)).pairs == ()


def test_a_volume_is_found_again() -> None:
    volumes = [texture(seed, (20, 40, 44)) for seed in range(8)]
    brighter = (0.6 * volumes[2] + 40).astype(np.uint8)
    smaller, mirrored = volumes[4][1:-1, 2:-2, 2:-2], volumes[6][:, :, ::-1]
    found = find_near_duplicates(pictures_of([*volumes, brighter, smaller, mirrored]))
    told = [(pair.first, pair.second, pair.kind) for pair in found.pairs]
    assert told == [(2, 8, "brightness"), (4, 9, "cropped"), (6, 10, "mirrored")]


def test_ranks_are_never_compared() -> None:
    flat = texture(3, (30, 30))
    found = find_near_duplicates(pictures_of([flat, np.repeat(flat[None], 9, axis=0), flat[0]]))
    assert found.pairs == ()


def test_lines_are_compared_too() -> None:
    lines = [texture(seed, (300,), 1.0) for seed in range(6)]
    found = find_near_duplicates(pictures_of([*lines, (0.5 * lines[2] + 30).astype(np.uint8)]))
    assert [(pair.first, pair.second) for pair in found.pairs] == [(2, 6)]


def test_constant_images_are_listed_apart_and_never_paired() -> None:
    black, white = np.zeros((50, 60), np.uint8), np.full((50, 60), 255, np.uint8)
    found = find_near_duplicates(pictures_of([black, texture(1), white, black]))
    assert found.constant == (0, 2, 3)
    assert found.pairs == ()


def test_noise_on_a_constant_is_not_a_duplicate() -> None:
    rng = np.random.default_rng(0)
    noise = [rng.integers(0, 3, (80, 80)).astype(np.uint8) for _ in range(12)]
    assert find_near_duplicates(pictures_of(noise)).pairs == ()


def test_missing_pictures_are_named_and_others_still_found() -> None:
    one, other = pictures_of([texture(1), COPIES["cropped"][1](texture(1))])
    found = find_near_duplicates([None, one, None, other])
    assert found.missing == (0, 2)
    assert [(pair.first, pair.second) for pair in found.pairs] == [(1, 3)]


@pytest.mark.parametrize("count", [0, 1])
def test_few_pictures_are_no_trouble(count: int) -> None:
    assert find_near_duplicates(pictures_of([texture(1)] * count)).pairs == ()


def test_a_set_of_nothing_but_near_copies_is_one_group() -> None:
    names = ["cropped", "darkened", "recompressed", "mirrored", "rescaled", "brightened"]
    arrays = [texture(1), *(COPIES[name][1](texture(1)) for name in names)]
    assert find_near_duplicates(pictures_of(arrays)).groups == (tuple(range(len(arrays))),)


def test_many_copies_are_one_group_without_all_pairs() -> None:
    copies = FULLY_PAIRED + 3
    found = find_near_duplicates(pictures_of([texture(1)] * copies + [texture(2)]))
    assert found.groups == (tuple(range(copies)),)
    assert len(found.pairs) == copies - 1


def test_tiny_pictures_are_told_apart_and_found() -> None:
    tiny = [texture(seed, (28, 28)) for seed in range(16)]
    darker = (0.8 * tiny[4]).astype(np.uint8)
    found = find_near_duplicates(pictures_of([*tiny, darker, np.flip(tiny[7], 1)]))
    told = [(pair.first, pair.second, pair.kind) for pair in found.pairs]
    assert told == [(4, 16, "brightness"), (7, 17, "mirrored")]


def test_turned_copies_are_not_looked_for_when_not_asked() -> None:
    pictures = pictures_of([texture(1), texture(1)[:, ::-1]])
    assert len(find_near_duplicates(pictures).pairs) == 1
    assert find_near_duplicates(pictures, NearOptions(turned=False)).pairs == ()


def test_a_higher_bar_leaves_out_the_less_similar() -> None:
    pictures = pictures_of([texture(1), recompressed(texture(1))])
    similarity = find_near_duplicates(pictures).pairs[0].similarity
    stricter = NearOptions(similarity=(1 + similarity) / 2)
    assert find_near_duplicates(pictures, stricter).pairs == ()


@settings(max_examples=4)
@given(st.permutations(range(20)))
def test_what_is_found_does_not_depend_on_the_order(order: list[int]) -> None:
    arrays = [texture(seed) for seed in range(12)]
    changes = ["cropped", "darkened", "mirrored", "recompressed", "copy", "rescaled"]
    arrays += [COPIES[name][1](arrays[n]) for n, name in enumerate(changes)]
    arrays += [np.zeros((9, 9), np.uint8), COPIES["cut aside"][1](arrays[0])]
    pictures = pictures_of(arrays)
    plain = find_near_duplicates(pictures)
    shuffled = find_near_duplicates([pictures[n] for n in order])

    def told(pair_first: int, pair_second: int, kind: str) -> tuple[frozenset[int], str]:
        return frozenset((pair_first, pair_second)), kind

    here = {told(p.first, p.second, p.kind): p.similarity for p in plain.pairs}
    there = {told(order[p.first], order[p.second], p.kind): p.similarity for p in shuffled.pairs}
    assert len(here) >= len(changes)
    assert there == pytest.approx(here, abs=1e-3)


def test_the_published_traps_are_found(shared_data: Callable[[str], Path]) -> None:
    archive = np.load(shared_data("classification/breastmnist/breastmnist.npz"))
    train, test = archive["train_images"], archive["test_images"]
    labels = np.concatenate([archive["train_labels"], archive["test_labels"]]).ravel()
    pictures = [reduce_image(Image.from_array(one[None])) for one in (*train, *test)]
    found = find_near_duplicates(pictures)
    across = [p for p in found.pairs if p.first < len(train) <= p.second and p.kind == "copy"]
    assert len(across) == 1
    assert labels[across[0].first] != labels[across[0].second]
