"""Which mask belongs to which image, by the folders and names of files."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from scanwright.data.columns import simple_name
from scanwright.data.mask_index import Outline, Pair
from scanwright.data.official import part_named

IMAGE_FOLDERS = frozenset(
    {"images", "image", "imgs", "img", "scans", "scan", "volumes", "pictures", "inputs", "input",
     "imagestr", "cxr", "data", "cts", "mris", "xrays", "frames", "original", "originals"}
)  # fmt: skip
"""Names, letters only, of a folder of images."""
MASK_FOLDERS = frozenset(
    {"masks", "mask", "labels", "label", "labelstr", "segmentations", "segmentation", "segs",
     "seg", "annotations", "annotation", "gt", "gts", "groundtruth", "groundtruths", "manual",
     "labelmaps", "labelmap", "maskes", "outlines", "contours"}
)  # fmt: skip
"""Names, letters only, of a folder of masks."""
MASK_WORD = (
    r"(?:masks?|segs?|segmentations?|segmented|labels?|labelmaps?|labelled|labeled|gt|"
    r"ground[-_ ]?truth|annotations?|manual|outlines?|contours?)"
)
MASK_END = re.compile(rf"(?:[-_. ]+{MASK_WORD})+(?:[-_. ]+\d{{1,3}})?$", re.IGNORECASE)
"""What names of masks end with: "_mask", "_seg-manual", "_mask_1"."""
MASK_START = re.compile(rf"^{MASK_WORD}[-_. ]*(?=\d)", re.IGNORECASE)
"""What names of masks begin with where a number follows: "segmentation-12"."""
IMAGE_START = re.compile(
    r"^(?:images?|img|volumes?|scan|ct|mr|mri|case)[-_. ]*(?=\d)", re.IGNORECASE
)
HAS_MASK_WORD = re.compile(rf"(?:^|[-_. ]){MASK_WORD}(?:$|[-_. ])", re.IGNORECASE)
IMAGE_END = re.compile(r"[-_. ]+(?:images?|img|orig(?:inal)?|scan|raw)$", re.IGNORECASE)
CHANNEL_END = re.compile(r"^(.*)_(\d{4})$")
SEPARATORS = "-_. "


Place = tuple[tuple[str, ...], str]
"""Where a case is: its folders, but the one that says image or mask, and its name."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Files of images and masks, each with the place that tells its case.

    Parameters
    ----------
    images, masks
        File → (folders but the one that says what it is, stem).
    inside
        File of a mask → folders below the folder of masks.
    """

    images: dict[Path, Place] = field(default_factory=dict)
    masks: dict[Path, Place] = field(default_factory=dict)
    inside: dict[Path, tuple[str, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class Matched:
    """Images and masks that belong together.

    Parameters
    ----------
    images
        Place of the case (folders, stem) → its images.
    masks
        Place of the case → its masks.
    lonely
        Masks without an image.
    twins
        Images of which another file bears the name, with another ending.
    """

    images: dict[Place, list[Path]]
    masks: dict[Place, list[Outline]]
    lonely: list[Path] = field(default_factory=list)
    twins: list[Path] = field(default_factory=list)

    @property
    def merit(self) -> tuple[int, int]:
        """How well it explains the files: images with masks, then few images without."""
        return len(self.masks), len(self.masks) - len(self.images)


def stem_of(name: str) -> str:
    """Return a file's name without its ending, ".nii.gz" being one.

    >>> stem_of("case 1.nii.gz")
    'case 1'
    """
    return name.removesuffix(".gz").rpartition(".")[0] or name


def roles_by_folder(files: Iterable[Path], root: Path) -> Roles:
    """Tell images and masks by the names of their folders; further files have no role."""
    roles = Roles()
    for file in files:
        folders = file.relative_to(root).parts[:-1]
        for depth in range(len(folders) - 1, -1, -1):
            word = re.sub(r"[^a-z]", "", folders[depth].lower())
            if word in MASK_FOLDERS or word in IMAGE_FOLDERS:
                place = (folders[:depth] + folders[depth + 1 :], stem_of(file.name))
                if word in MASK_FOLDERS:
                    roles.masks[file] = place
                    roles.inside[file] = folders[depth + 1 :]
                else:
                    roles.images[file] = place
                break
    return roles


def match_folders(roles: Roles) -> Matched:
    """Match masks in folders of their own to images by place and name.

    A mask bears its image's name, perhaps with a word such as "_mask" behind it; one folder below
    the masks' may name what is outlined; a folder with one image owns all masks beside it.
    """
    matched = _with_images(roles)
    known = _by_key(matched.images)
    alone: dict[tuple[str, ...], list[Place]] = defaultdict(list)
    for place in matched.images:
        alone[place[0]].append(place)
    for file, (folders, stem) in roles.masks.items():
        inside = roles.inside[file]
        found, name = _find(folders, inside, stem, known)
        if found is None and not inside and folders and len(alone.get(folders, ())) == 1:
            found = alone[folders][0]
        if found is None:
            matched.lonely.append(file)
        else:
            matched.masks.setdefault(found, []).append(Outline(file, name))
    return matched


def match_channels(roles: Roles) -> Matched:
    """Match masks to several images, whose names add a word to the mask's: CASE_t1, CASE_t2."""
    by_folder: dict[tuple[str, ...], list[tuple[str, Path]]] = defaultdict(list)
    for file, (folders, stem) in roles.images.items():
        by_folder[folders].append((stem, file))
    matched = Matched({}, {})
    for file, (folders, stem) in roles.masks.items():
        base = MASK_END.sub("", stem) or stem
        for start in dict.fromkeys((stem, base)):
            found = [
                image
                for name, image in by_folder.get(folders, ())
                if name.startswith(start) and name[len(start) : len(start) + 1] in tuple(SEPARATORS)
            ]
            if found:
                matched.images[folders, start] = sorted(found)
                matched.masks[folders, start] = [Outline(file)]
                break
        else:
            matched.lonely.append(file)
    taken = {image for images in matched.images.values() for image in images}
    for file, place in roles.images.items():
        if file not in taken:
            matched.images[place] = [file]
    return matched


def roles_beside(files: Iterable[Path], root: Path) -> Roles:
    """Tell masks that lie beside their images by a word in their names."""
    roles = Roles()
    for file in files:
        folders, stem = file.relative_to(root).parts[:-1], stem_of(file.name)
        if HAS_MASK_WORD.search(stem):
            roles.masks[file] = (folders, stem)
            roles.inside[file] = ()
        else:
            roles.images[file] = (folders, stem)
    return roles


def match_beside(roles: Roles) -> Matched:
    """Match masks to the image in their folder whose name theirs begins with.

    What follows the image's name says what is outlined. A mask that is called by a word alone
    ("mask.nii.gz") belongs to the only image of its folder.
    """
    matched = _with_images(roles)
    known = _by_key(matched.images)
    by_folder: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for folders, stem in matched.images:
        by_folder[folders].append(stem)
    for file, (folders, stem) in roles.masks.items():
        near = by_folder.get(folders, [])
        fits = [name for name in near if _continues(stem, name)]
        found, _ = _find(folders, (), stem, known)
        if fits:
            found = folders, max(fits, key=len)
            kind = _kind(stem[len(found[1]) :])
        elif found is not None:
            kind = ""
        elif len(near) == 1 and folders:
            found, kind = (folders, near[0]), _kind(f"_{stem}")
        else:
            matched.lonely.append(file)
            continue
        matched.masks.setdefault(found, []).append(Outline(file, kind))
    return matched


def pairs_of(matched: Matched) -> tuple[Pair, ...]:
    """Return pairs with names that are as short as they can be, and parts by their folders."""
    places = sorted(matched.images)
    kinds = sorted({one.name for outlines in matched.masks.values() for one in outlines})
    several = any(len(outlines) > 1 for outlines in matched.masks.values())
    called = {kind: kind or "label" for kind in kinds} if len(kinds) > 1 else {}
    if len(kinds) == 1:
        # Several files of one kind show one object each.
        called = {kinds[0]: (kinds[0] or "label 1") if several else ""}
    names = _names(places)
    pairs = []
    for place in places:
        outlines = [Outline(one.file, called[one.name]) for one in matched.masks.get(place, ())]
        channels = tuple((file,) for file in matched.images[place])
        pairs.append(
            Pair(
                names[place],
                channels,
                tuple(sorted(outlines, key=lambda one: (one.name, one.file))),
                split=_part(place[0]),
                annotated=_annotated(outlines, set(called.values())),
            )
        )
    return tuple(pairs)


def outline_names(pairs: Iterable[Pair]) -> tuple[str, ...]:
    """Return what is outlined by masks of their own, sorted; nothing for label maps."""
    return tuple(sorted({one.name for pair in pairs for one in pair.masks if one.name}))


def channel_names(matched: Matched) -> tuple[str, ...]:
    """Return what follows the case's name in the images of a case, of most cases."""
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    for (_, stem), files in matched.images.items():
        if len(files) > 1:
            ends = tuple(stem_of(file.name)[len(stem) :].strip(SEPARATORS) for file in files)
            counts[ends] += 1
    return max(counts, key=lambda one: counts[one], default=())


def _with_images(roles: Roles) -> Matched:
    """Return the images by place; of several files of one name the first."""
    matched = Matched({}, {})
    for file, place in sorted(roles.images.items()):
        if place in matched.images:
            matched.twins.append(file)
        else:
            matched.images[place] = [file]
    return matched


def _by_key(images: Iterable[Place]) -> dict[Place, Place]:
    """Return place as a mask may spell it → place of an image; none that two images share."""
    images = list(images)
    loose: dict[Place, list[Place]] = defaultdict(list)
    for folders, stem in images:
        loose[folders, _image_stem(stem)].append((folders, stem))
    sure = {key: places[0] for key, places in loose.items() if len(places) == 1}
    return sure | {place: place for place in images}


def _find(
    folders: tuple[str, ...], inside: tuple[str, ...], stem: str, images: dict[Place, Place]
) -> tuple[Place | None, str]:
    """Return the place of a mask's image, and what a folder below the masks' says is outlined."""
    above = folders[: len(folders) - len(inside)]
    bare = MASK_END.sub("", stem)
    for one in dict.fromkeys((stem, bare, MASK_START.sub("", stem), _image_stem(bare))):
        if (folders, one) in images:
            return images[folders, one], ""
        if inside and (above + inside[1:], one) in images:
            return images[above + inside[1:], one], inside[0]
    return None, ""


def _kind(end: str) -> str:
    """Return what the end of a mask's name says is outlined: nothing for "_seg" or "_mask_2"."""
    return MASK_END.sub("", end).strip(SEPARATORS)


def _image_stem(stem: str) -> str:
    """Return the name of a case from that of its image: "a_image" and "a_0000" are "a"."""
    channel = CHANNEL_END.match(stem)
    if channel and channel[2] == "0000":
        return channel[1]
    return IMAGE_START.sub("", IMAGE_END.sub("", stem)) or stem


def _continues(stem: str, name: str) -> bool:
    return stem.startswith(name) and stem[len(name) : len(name) + 1] in tuple(SEPARATORS)


def _names(places: Sequence[Place]) -> dict[Place, str]:
    """Return names: stems where they differ, else paths; in folders of a case the folders'."""
    stems = [stem for _, stem in places]
    if len(set(stems)) == len(stems) and not all(_is_plain_word(stem) for stem in stems):
        return {place: place[1] for place in places}
    paths = {place: PurePath(*place[0], place[1]).as_posix() for place in places}
    folders = {place: PurePath(*place[0]).as_posix() for place in places}
    if len(set(folders.values())) == len(places):
        return folders
    return paths


def _is_plain_word(stem: str) -> bool:
    return simple_name(stem) in IMAGE_FOLDERS


def _part(folders: tuple[str, ...]) -> str:
    return next((part for one in folders if (part := part_named(one))), "")


def _annotated(outlines: Sequence[Outline], kinds: set[str]) -> tuple[str, ...] | None:
    """Return what was outlined in a case, where it is not everything."""
    named = {one.name for one in outlines}
    if not outlines or named == kinds:
        return None
    return tuple(sorted(named))
