"""The fast part of the audit, before training: its groups keep the split honest."""

from collections.abc import Sequence

import numpy as np

from scanwright.auditing import (
    CHECKS,
    Audit,
    Finding,
    NotChecked,
    Severity,
    doubt_labels,
    examine,
    in_order,
    take_survey,
)
from scanwright.base import SILENT, LabelError, Progress, SplitError
from scanwright.data import Index, SplitOptions, SplitPlan, split_index
from scanwright.image import Floats
from scanwright.report import Grid, Outcomes, Section

SLOW = ("lettering", "borders")
"""Checks that only the audit itself runs."""
LEARNERS = ("labels", "shortcut", "kinds", "strangers")
"""Checks that fit models, and are left out where the budget is short."""
SHARE = 0.05
"""Of the budget, for the checks that fit models."""
START_SECONDS, CASE_SECONDS = 5.0, 0.004
"""Expected cost of those checks on one core."""
MOST_COMPARED = 20_000
"""With more cases near duplicates are not looked for before training; no budget decides that, as
searches with different budgets must see one split."""
LARGEST_GROUP = 0.1
"""A group of near duplicates with more than this share of the cases is a look, and no copies."""
SMALLEST_LARGE = 10


def precheck(index: Index, budget_seconds: float, progress: Progress = SILENT) -> Audit:
    """Audit a data set within a small share of the time for training.

    What is found never depends on the speed of the machine, so that a run that is resumed finds
    the same.
    """
    survey = take_survey(index, progress, does_read=False, does_compare=len(index) <= MOST_COMPARED)
    seconds = START_SECONDS + CASE_SECONDS * len(index)
    left_out = SLOW if seconds <= SHARE * budget_seconds else SLOW + LEARNERS
    audit = examine(survey, progress, without=left_out)
    progress.begin(f"data audit of {audit.headline}", len(audit.findings), "findings")
    progress.step(len(audit.findings))
    progress.end()
    return audit


def split_apart(
    index: Index, options: SplitOptions, audit: Audit, progress: Progress = SILENT
) -> SplitPlan:
    """Split a data set so that near duplicates stay on one side of whatever is drawn.

    Raises
    ------
    InputError
        The data set cannot be split even without that.
    """
    alike = keepable(audit, len(index))
    if not alike:
        return split_index(index, options, progress)
    try:
        return split_index(index, options, progress, alike=alike)
    except (SplitError, LabelError):
        plan = split_index(index, options, progress)
    note = "WARNING: near duplicates could not be kept on one side: too few cases would be left"
    return SplitPlan(plan.folds, plan.how, plan.dropped, plan.skipped, (*plan.notes, note))


def keepable(audit: Audit, cases: int) -> tuple[tuple[str, ...], ...]:
    """Return the groups of near duplicates that a split keeps together.

    A group with a tenth of all cases or more is no copy of one image but how the set looks.
    """
    most = max(SMALLEST_LARGE, LARGEST_GROUP * cases)
    return tuple(group for group in audit.alike if len(group) <= most)


def warnings_of(audit: Audit) -> tuple[str, ...]:
    """Return the alarms, and leaks of the split, as warnings for the screen."""
    urgent = ("shared-likeness",)
    return tuple(
        f"WARNING: data audit: {finding.what}"
        for finding in audit.findings
        if finding.severity is Severity.ALARM or finding.kind in urgent
    )


def audit_section(audit: Audit, more: Sequence[Finding] = ()) -> Section:
    """Return the audit as a part of the run's report.

    Parameters
    ----------
    more
        Findings of the run itself, which take the place of those of the same kind.
    """
    own = {finding.kind for finding in more}
    findings = in_order([*(one for one in audit.findings if one.kind not in own), *more])
    rows = tuple(
        (one.severity.value, _title(one.kind), one.what, one.advice, str(len(one.cases) or "–"))
        for one in findings
    )
    passed = tuple((one.title, one.reason or "nothing found") for one in audit.passed)
    return Section(
        name="audit",
        title="Data audit",
        sentences=(
            f"{audit.headline}. Nothing was dropped because of it; near duplicates were kept on "
            "one side of every part that was drawn. The command scanwright audit shows the cases "
            "side by side, looks for burned-in text and borders, and proposes a corrected table.",
        ),
        grids=(
            Grid("What was found, the worst first",
                 ("Severity", "Looked for", "Found", "What to do", "Cases"), rows, numbers=(4,)),
            Grid("Looked for, nothing found", ("Looked for", "Result"), passed, is_folded=True),
        ),
    )  # fmt: skip


def doubts_of_run(outcomes: Outcomes) -> tuple[Finding, ...]:
    """Return the labels that the run's own held-out predictions contradict.

    Parameters
    ----------
    outcomes
        Of validation: each case predicted by networks that did not learn from it.
    """
    scores: Floats = np.asarray(outcomes.scores, dtype=np.float64)
    if outcomes.kind != "classes" or scores.ndim != 2 or scores.shape[1] < 2:
        return ()
    truth = np.asarray(outcomes.truth, dtype=np.int64)
    try:
        found = doubt_labels(outcomes.cases, outcomes.labels, scores, truth, "the network")
    except NotChecked:
        return ()
    return tuple(found)


def _title(kind: str) -> str:
    return CHECKS[kind].title if kind in CHECKS else kind
