"""A report says what was decided, on which data, by what; its files carry where it came from."""

import json
from dataclasses import replace

from tests.workflows.conftest import OutlinedRun

from scanwright.auditing import Audit
from scanwright.recipe import TASKS
from scanwright.report import Fact
from scanwright.workflows.evidence import MERITS, PACKAGES, Evaluation, Extras, report_of


def test_a_run_says_what_it_does_and_what_was_decided(outlined_run: OutlinedRun) -> None:
    page = (outlined_run.folder / "report.html").read_text(encoding="utf-8")
    assert "outlines whole, core in images" in page
    for words in ("inference.flips", "mirrored views bring", "postprocessing", "12 cases"):
        assert words in page
    for package in ("torch", "numpy"):
        assert package in page
    assert str(outlined_run.folder) not in page


def test_settings_with_a_reason_come_first_and_read_as_words(outlined_run: OutlinedRun) -> None:
    step = {"kind": "drop_small", "below_mm": 12.0, "names": ["core"]}
    recipe = outlined_run.prepared.recipe.changed({"postprocessing": (step,)}, "it pays")
    report = made(outlined_run, recipe=recipe)
    settings = {one.name: one for one in report.decisions}
    assert settings["postprocessing.0"].value == "drop_small (below_mm 12, names core)"
    assert settings["network.size"].value == " × ".join(map(str, recipe.network.size))
    has_reason = [bool(one.reason) for one in report.decisions]
    assert has_reason == sorted(has_reason, reverse=True)


def test_that_nothing_was_chosen_is_shown_with_its_reason(outlined_run: OutlinedRun) -> None:
    recipe = outlined_run.prepared.recipe.changed({"postprocessing": ()}, "none of 4 pays")
    settings = {one.name: one for one in made(outlined_run, recipe=recipe).decisions}
    assert (settings["postprocessing"].value, settings["postprocessing"].reason) == (
        "none",
        "none of 4 pays",
    )


def test_learning_curves_name_what_validation_is_judged_by(outlined_run: OutlinedRun) -> None:
    drawn = made(outlined_run).learning
    assert drawn is not None
    assert "Validation Dice" in drawn.svg
    assert {task.merit for _, task in TASKS.items()} == set(MERITS)


def made(run: OutlinedRun, *, recipe: object = None, skipped: tuple[tuple[str, str], ...] = ()):  # type: ignore[no-untyped-def]  # a report of the room below
    prepared = replace(run.prepared, recipe=recipe or run.prepared.recipe)
    return report_of(prepared, run.members, (), ("slow",), Extras(skipped=skipped))


def test_what_was_left_out_is_counted_by_reason(outlined_run: OutlinedRun) -> None:
    skipped = (("a", "torn | a.png"), ("b", "torn | b.png"), ("c", "empty"))
    report = made(outlined_run, skipped=skipped)
    assert [(one.reason, one.count, one.examples) for one in report.left_out] == [
        ("torn", 2, ("a", "b")),
        ("empty", 1, ("c",)),
    ]


def test_without_a_test_part_the_first_warning_says_so(outlined_run: OutlinedRun) -> None:
    assert "no test part" not in " ".join(made(outlined_run).warnings)
    plan = outlined_run.prepared.plan
    folds = tuple(replace(fold, test=()) for fold in plan.folds)
    run = replace(
        outlined_run, prepared=replace(outlined_run.prepared, plan=replace(plan, folds=folds))
    )
    assert "no test part" in made(run).warnings[0]


def test_an_audit_is_told_even_where_no_validation_case_could_be_answered(
    outlined_run: OutlinedRun,
) -> None:
    audited = replace(outlined_run.prepared, audit=Audit((), (), 12))
    sections = report_of(audited, outlined_run.members, (), (), Extras()).sections
    assert len(sections) == 1
    assert not report_of(outlined_run.prepared, outlined_run.members, (), (), Extras()).sections


def test_files_carry_digest_time_and_further_tables(outlined_run: OutlinedRun) -> None:
    report = made(outlined_run)
    whole = Evaluation({}, (), report, {"cases.csv": "a,b\n"})
    # A report without a split has no verdict: what is added to it is looked at alone.
    assert Fact("Recipe (SHA-256)", outlined_run.prepared.recipe.digest()) in report.provenance
    assert whole.tables["cases.csv"] == "a,b\n"
    folder = outlined_run.folder
    assert json.loads((folder / "scores.json").read_text())["test"]["dice"]["value"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert outlined_run.result.digest in page
    assert "Wall time" in page
    assert all(name in {fact.name for fact in report.environment} for name in PACKAGES)
