"""The audit of a data set: every check run on one survey, and what came of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanwright.auditing.check import CHECKS, Check
from scanwright.auditing.finding import Finding, NotChecked, Severity
from scanwright.auditing.likeness import near_groups
from scanwright.auditing.survey import Survey
from scanwright.base import SILENT, Plain, Progress


@dataclass(frozen=True, slots=True)
class Passed:
    """A check that found nothing, or had nothing to go by.

    Parameters
    ----------
    title
        What was looked for.
    reason
        Why it was not looked for; empty where it was.
    """

    title: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Parameters
    ----------
    findings
        The worst first.
    passed
        The checks that found nothing, and those that had nothing to go by.
    cases
        Number of cases looked at.
    alike
        Names of the cases of each group of near duplicates and copies.
    """

    findings: tuple[Finding, ...]
    passed: tuple[Passed, ...]
    cases: int
    alike: tuple[tuple[str, ...], ...] = ()

    def count(self, severity: Severity) -> int:
        """Return the number of findings of one severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def headline(self) -> str:
        """The audit in one sentence."""
        counts = [(self.count(one), one.value) for one in Severity]
        words = ", ".join(f"{n} {name}{'s' * (n != 1)}" for n, name in counts)
        return f"{self.cases:,} cases looked at: {words}"

    def to_plain(self) -> dict[str, Plain]:
        """Return the audit for JSON."""
        return {
            "cases": self.cases,
            "findings": [finding.to_plain() for finding in self.findings],
            "passed": [{"check": one.title, "reason": one.reason} for one in self.passed],
        }


def examine(survey: Survey, progress: Progress = SILENT, *, without: Iterable[str] = ()) -> Audit:
    """Run every check on a survey.

    Parameters
    ----------
    without
        Names of checks to leave out.
    """
    left_out = frozenset(without)
    chosen = [(name, check) for name, check in CHECKS.items() if name not in left_out]
    findings: list[Finding] = []
    passed: list[Passed] = []
    progress.begin("checking", len(chosen), "checks")
    for _, check in chosen:
        reason = _unfit(check, survey)
        found: Sequence[Finding] = ()
        if not reason:
            try:
                found = check.run(survey)
            except NotChecked as error:
                reason = str(error)
        findings += found
        if not found:
            passed.append(Passed(check.title, reason))
        progress.step(1)
    progress.end()
    return Audit(in_order(findings), tuple(passed), len(survey), tuple(near_groups(survey)))


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings in the order of a report: the worst first, then by kind."""
    return tuple(sorted(findings, key=lambda one: (one.severity.rank, one.kind)))


def _unfit(check: Check, survey: Survey) -> str:
    """Return why a check has nothing to go by, or nothing."""
    if not survey.entries and check.title != CHECKS["unreadable"].title:
        return "there is no image that can be read"
    if check.needs_labels and all(entry.target is None for entry in survey.entries):
        return "no case has a label"
    if check.kinds and survey.index.task.kind not in check.kinds:
        return f"it is not for {survey.index.task.kind}"
    return ""
