import math
from dataclasses import replace

import numpy as np
import pytest

from scanwright.base import LabelError
from scanwright.image import Case, Geometry, Image, LabelScheme, MaskTarget
from scanwright.recipe import MaskFacts, masks, take_fingerprint
from scanwright.recipe.masks import gather_masks, look_at_mask, look_at_masks, spread_sample
from tests.recipe.builders import Held, development, entry, noise

SCHEME = LabelScheme(("organ", "lesion"), ((1, 2), (2,)), ignore=7)
SPACING = (4.0, 0.5, 0.5)


def outlined(
    geometry: Geometry | None = None, level: float = 100.0, size: tuple[int, ...] = (10, 40, 30)
) -> Case:
    """Return a case of which 4 × 20 × 10 elements are organ, 2 × 4 × 5 of them lesion."""
    array = np.ones((1, *size), np.float32)
    labels = np.zeros((1, *size), np.uint8)
    labels[0, 2:6, 10:30, 5:15] = 1
    array[labels == 1] = level
    labels[0, 3:5, 12:16, 6:11] = 2
    labels[0, 9] = 7
    geometry = geometry or Geometry.axial(SPACING)
    return Case("c", {"image": Image(array, geometry)}, MaskTarget(Image(labels, geometry), SCHEME))


def facts_of(*cases: Case) -> MaskFacts:
    rng = np.random.default_rng(0)
    return gather_masks([look_at_mask(case, SCHEME, rng) for case in cases], SCHEME)


def test_sizes_spacing_and_volumes_are_those_of_the_outlines() -> None:
    facts = facts_of(outlined())
    assert (facts.values, facts.ignore) == (SCHEME.values, 7)
    assert facts.size == (10, 40, 30)
    assert facts.spacing_mm == facts.fine_mm == SPACING
    assert facts.elements == {"organ": 800, "lesion": 40}
    assert facts.volume_ml["organ"] == (0.8, 0.8, 0.8)  # 800 elements of 1 mm³
    assert facts.volume_ml["lesion"] == (0.04, 0.04, 0.04)
    assert facts.outlined == pytest.approx(800 / 12000)
    assert facts.extent == pytest.approx((4 / 10, 20 / 40, 10 / 30))
    assert facts.smallest["lesion"] == pytest.approx((6 * 40 / math.pi) ** (1 / 3))
    assert facts.present == {"organ": 1, "lesion": 1}


def test_volumes_are_compared_turned_alike() -> None:
    turned = Geometry((0.5, 4.0, 0.5), np.eye(3)[:, [1, 2, 0]])
    facts = facts_of(outlined(turned, size=(40, 40, 40)), outlined(size=(40, 40, 40)))
    assert facts.spacing_mm == (4.0, 0.5, 0.5)


def test_values_inside_the_outlines_are_measured_by_channel() -> None:
    case = outlined(level=50.0)
    two = np.concatenate([case.image.array, 2 * case.image.array + 1])
    facts = facts_of(case.with_image(replace(case.image, array=two, channels=("a", "b"))))
    assert len(facts.inside) == 2
    first, second = facts.inside
    # 760 elements of 50, and the lesion's 40 too: its labels were drawn over the organ.
    assert (first.mean, first.deviation, first.low, first.high) == (50, 0, 50, 50)
    assert (second.mean, second.median) == (101, 101)


def test_an_empty_border_is_cut_away_first() -> None:
    case = outlined()
    array = case.image.array.copy()
    array[:, :, :, 20:] = 0
    facts = facts_of(case.with_image(replace(case.image, array=array)))
    assert facts.size == (10, 40, 20)
    assert facts.kept == pytest.approx(2 / 3)


def test_pictures_without_spacing_have_no_volumes() -> None:
    case = outlined(Geometry.pixels(3))
    facts = facts_of(case)
    assert not facts.is_physical
    assert facts.volume_ml == {}
    assert facts.elements["organ"] == 800


def test_a_label_that_never_occurs_is_counted_as_absent() -> None:
    case = outlined()
    assert isinstance(case.target, MaskTarget)
    labels = case.target.labels
    less = np.where(labels.array == 2, 1, labels.array).astype(np.uint8)
    target = replace(case.target, labels=replace(labels, array=less))
    facts = facts_of(replace(case, target=target))
    assert facts.present == {"organ": 1, "lesion": 0}
    assert "lesion" not in facts.smallest


def test_a_case_without_a_label_map_is_passed_over_but_not_all() -> None:
    good = outlined()
    one = replace(entry(0, good.image), target=good.target)
    other = entry(1, noise(1, 4, 4, 4))
    assert look_at_masks([one, other], SCHEME).cases == 1
    with pytest.raises(LabelError, match="no label map"):
        look_at_masks([other], SCHEME)


def test_after_enough_elements_no_further_case_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    good = outlined()
    entries = [replace(entry(n, good.image), target=good.target) for n in range(30)]
    assert look_at_masks(entries, SCHEME).cases == 30
    monkeypatch.setattr(masks, "MOST_ELEMENTS", 20_000)
    assert look_at_masks(entries, SCHEME).cases == masks.LEAST_CASES


@pytest.mark.parametrize("count", [1, 3, 200, 1000])
def test_a_sample_is_spread_over_all(count: int) -> None:
    entries = [entry(number, None) for number in range(count)]
    sample = spread_sample(entries)
    names = {one.name for one in sample}
    assert len(names) == len(sample) == min(count, 200)
    assert {"case 0", f"case {count - 1}"} <= names
    few = sorted(int(one.name.split()[1]) for one in sample[:8])
    assert count < 200 or few[-1] - few[0] > count / 3


def test_the_fingerprint_of_masks_holds_them() -> None:
    good = outlined()
    cases = development([good.image] * 3)
    entries = [replace(one, target=good.target) for one in cases.train]
    labels = SCHEME.names
    told = replace(
        cases, train=entries, kind="segmentation", labels=labels, counts={}, scheme=SCHEME
    )
    found = take_fingerprint(told)
    assert found.masks is not None
    assert found.masks.cases == 3
    assert found.counts == {"organ": 3, "lesion": 3}
    assert isinstance(entries[0].reference, Held)
