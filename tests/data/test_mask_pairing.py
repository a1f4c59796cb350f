"""Masks are matched to images by folders and names alone."""

from pathlib import Path, PurePosixPath

from scanwright.data.mask_pairing import (
    channel_names,
    match_beside,
    match_channels,
    match_folders,
    outline_names,
    pairs_of,
    roles_beside,
    roles_by_folder,
    stem_of,
)

ROOT = Path("/set")


def files(*names: str) -> list[Path]:
    return [ROOT / PurePosixPath(name) for name in names]


def test_roles_are_told_by_the_nearest_folder() -> None:
    roles = roles_by_folder(
        files("data/images/a.png", "data/masks/lung/a.png", "data/c.png", "d.png"), ROOT
    )
    assert [file.name for file in roles.images] == ["a.png", "c.png"]
    (mask,) = roles.masks
    assert roles.masks[mask] == (("data", "lung"), "a")
    assert roles.inside[mask] == ("lung",)


def test_exact_names_come_before_names_that_resemble() -> None:
    names = ("a", "a_1", "b_mask")
    roles = roles_by_folder(
        files(*(f"images/{n}.png" for n in names), *(f"masks/{n}.png" for n in names)), ROOT
    )
    matched = match_folders(roles)
    assert len(matched.masks) == 3
    assert all(outlines[0].file.stem == place[1] for place, outlines in matched.masks.items())


def test_numbers_at_the_end_are_part_of_the_name() -> None:
    roles = roles_by_folder(
        files("images/case_001.png", "images/case_002.png", "masks/case_001_mask.png"), ROOT
    )
    (place,) = match_folders(roles).masks
    assert place[1] == "case_001"


def test_two_images_of_one_name_are_not_both_taken() -> None:
    matched = match_folders(
        roles_by_folder(files("images/a.jpg", "images/a.png", "masks/a.png"), ROOT)
    )
    assert [file.name for file in matched.twins] == ["a.png"]
    assert len(pairs_of(matched)[0].images) == 1


def test_what_two_images_could_claim_is_nobodys() -> None:
    matched = match_folders(
        roles_by_folder(files("images/img7.png", "images/scan7.png", "masks/mask7.png"), ROOT)
    )
    assert not matched.masks
    assert len(matched.lonely) == 1


def test_channels_share_the_name_of_their_mask() -> None:
    roles = roles_by_folder(
        files("images/p_0000.nii", "images/p_0001.nii", "labels/p.nii", "images/q.nii"), ROOT
    )
    matched = match_channels(roles)
    assert channel_names(matched) == ("0000", "0001")
    pairs = {pair.name: pair for pair in pairs_of(matched)}
    assert len(pairs["p"].images) == 2
    assert not pairs["q"].masks


def test_the_longest_name_owns_the_mask_beside_it() -> None:
    matched = match_beside(
        roles_beside(files("t2.nii", "t2_fake.nii", "t2_fake_seg.nii", "t2_seg.nii"), ROOT)
    )
    assert {place[1]: out[0].file.name for place, out in matched.masks.items()} == {
        "t2": "t2_seg.nii",
        "t2_fake": "t2_fake_seg.nii",
    }


def test_what_follows_the_name_says_what_is_outlined() -> None:
    matched = match_beside(
        roles_beside(
            files("a.nii", "a_lesion_seg.nii", "a_cord-mask.nii", "b.nii", "b_lesion_seg.nii"), ROOT
        )
    )
    pairs = pairs_of(matched)
    assert outline_names(pairs) == ("cord", "lesion")
    assert [pair.annotated for pair in pairs] == [None, ("lesion",)]


def test_names_are_folders_where_stems_repeat() -> None:
    matched = match_folders(
        roles_by_folder(
            files("x/images/a.png", "x/masks/a.png", "y/images/a.png", "y/masks/a.png"), ROOT
        )
    )
    assert [pair.name for pair in pairs_of(matched)] == ["x", "y"]


def test_stems_lose_every_ending() -> None:
    assert stem_of("a.nii.gz") == stem_of("a.png") == "a"
