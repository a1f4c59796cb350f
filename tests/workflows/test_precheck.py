from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Sheet

from scanwright.auditing import Audit, Finding, Severity
from scanwright.base import SplitError
from scanwright.data import SplitOptions, index_data
from scanwright.report import Outcomes
from scanwright.workflows.precheck import (
    audit_section,
    doubts_of_run,
    keepable,
    precheck,
    split_apart,
    warnings_of,
)


def textures(folder: Path, count: int = 24, copies: int = 6) -> Path:
    """Write textures of two classes, the first few also in a smaller size."""
    rng = np.random.default_rng(0)
    for n in range(count):
        small = Sheet.fromarray(rng.integers(0, 255, (12, 12)).astype(np.uint8))
        sheet = small.resize((96, 96), Sheet.Resampling.BICUBIC)
        place = folder / "ab"[n % 2]
        place.mkdir(parents=True, exist_ok=True)
        sheet.save(place / f"{n:03d}.png")
        if n < copies:
            sheet.resize((70, 70), Sheet.Resampling.BOX).save(place / f"{n:03d}-again.png")
    return folder


def test_near_duplicates_stay_on_one_side_and_it_is_found_again(tmp_path: Path) -> None:
    index = index_data(str(textures(tmp_path)))
    audit = precheck(index, 600)
    pairs = {tuple(sorted(group)) for group in audit.alike}
    assert {
        (f"{'ab'[n % 2]}/{n:03d}-again.png", f"{'ab'[n % 2]}/{n:03d}.png") for n in range(6)
    } <= pairs
    assert precheck(index, 600) == audit
    plan = split_apart(index, SplitOptions(), audit)
    fold = plan.folds[0]
    part = {e.name: p for p in ("train", "validation", "test") for e in getattr(fold, p)}
    assert all(len({part[name] for name in group}) == 1 for group in audit.alike)


def test_a_short_budget_leaves_the_learners_out_and_not_the_groups(tmp_path: Path) -> None:
    index = index_data(str(textures(tmp_path)))
    short, long = precheck(index, 5), precheck(index, 600)
    assert short.alike == long.alike
    assert len(short.findings) + len(short.passed) < len(long.findings) + len(long.passed)


def test_groups_that_leave_too_little_are_let_go_with_a_warning(tmp_path: Path) -> None:
    index = index_data(str(textures(tmp_path, 12, 0)))
    names = [entry.name for entry in index.entries]
    audit = Audit((), (), 12, (tuple(names[:6]), tuple(names[6:])))
    with pytest.raises(SplitError):
        split_apart(index, SplitOptions(folds=20, test=0), audit)
    plan = split_apart(index, SplitOptions(), audit)
    assert "near duplicates could not be kept" in plan.notes[-1]


def test_a_group_of_a_tenth_of_all_cases_is_a_look_and_no_copies() -> None:
    audit = Audit((), (), 200, (tuple(map(str, range(21))), ("a", "b")))
    assert keepable(audit, 200) == (("a", "b"),)


def test_the_section_and_the_warnings_tell_what_was_found() -> None:
    alarm = Finding("copies", Severity.ALARM, "Two are one.", "why", "do", (("a", "b"),))
    note = Finding("labels", Severity.NOTE, "Old.", "why", "do")
    own = Finding("labels", Severity.NOTE, "New.", "why", "do")
    section = audit_section(Audit((alarm, note), (), 2), (own,))
    found = [row[2] for row in section.grids[0].rows]
    assert found == ["Two are one.", "New."]
    assert warnings_of(Audit((alarm, note), (), 2)) == ("WARNING: data audit: Two are one.",)


def test_the_runs_own_predictions_doubt_labels() -> None:
    rng = np.random.default_rng(0)
    truth = np.arange(120) % 2
    scores = np.clip(0.1 + 0.8 * truth + rng.normal(0, 0.03, 120), 0.01, 0.99)
    given = truth.copy()
    given[:5] = 1 - given[:5]
    outcomes = Outcomes("classes", ("no", "yes"), given, np.column_stack([1 - scores, scores]))
    (found,) = doubts_of_run(outcomes)
    assert found.kind == "labels"
    assert "the network" in found.what
    numbers = Outcomes("number", ("age",), scores, scores)
    assert doubts_of_run(numbers) == ()
