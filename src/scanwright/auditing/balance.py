"""Checks of how cases are spread over classes and sites, and of both together."""

from collections import Counter

import numpy as np
import numpy.typing as npt

from scanwright.auditing.finding import Finding, NotChecked, Severity, count_words
from scanwright.auditing.survey import Survey

RARE_RATIO = 3.0
"""Most frequent over rarest class from which on rules for imbalance matter."""
FEWEST = 10
"""A class with fewer independent cases can hardly be split into three parts."""
CONFOUNDED = 0.3
"""Cramér's V from which on a site says much about the class."""
CERTAIN = 1e-3
"""Largest p-value at which a link is stated."""


def check_classes(survey: Survey) -> list[Finding]:
    """Count the independent cases of each class."""
    if survey.index.task.kind == "number":
        raise NotChecked("the label is a number")
    counts = class_counts(survey)
    if not counts:
        raise NotChecked("no case has a label")
    if survey.index.task.kind != "findings" and sum(count > 0 for count in counts.values()) < 2:
        return [
            Finding(
                "classes",
                Severity.ALARM,
                f"All cases are of one class: {next(iter(counts))}.",
                "Nothing can be told apart.",
                "Add cases of another class, or name another column with --label-column.",
                numbers=dict(counts),
            )
        ]
    found = []
    few = {label: count for label, count in counts.items() if count < FEWEST}
    if few:
        words = ", ".join(f"{label}: {count}" for label, count in few.items())
        named = set(few)
        rows = [row for row, labels in enumerate(survey.labels()) if named & set(labels)]
        found.append(
            Finding(
                "classes",
                Severity.ALARM if min(few.values()) < 3 else Severity.WARNING,
                f"{count_words(len(few), 'class has', 'classes have')} fewer than {FEWEST} "
                f"independent cases ({words}).",
                "Train, validation and test each need some; below three it cannot be split at all.",
                "Collect more, merge the class with another, or leave it out.",
                tuple((survey.entries[row].name,) for row in rows[:50]),
                numbers=dict(few),
            )
        )
    most, least = max(counts.values()), max(min(counts.values()), 1)
    if most / least >= RARE_RATIO:
        words = ", ".join(f"{label}: {count}" for label, count in counts.items())
        found.append(
            Finding(
                "classes",
                Severity.NOTE,
                f"The classes are uneven, {most / least:.3g} to 1 ({words}).",
                "Accuracy flatters a model that names the frequent class: "
                f"{most / sum(counts.values()):.0%} by that alone.",
                "Read AUC, balanced accuracy and sensitivity; the recipe weighs rare classes.",
                numbers={"ratio": most / least, **counts},
            )
        )
    return found


def check_sites(survey: Survey) -> list[Finding]:
    """Find sites that say something about the class."""
    sites = [entry.site for entry in survey.entries]
    if len({site for site in sites if site}) < 2:
        raise NotChecked("fewer than two sites are named")
    found = []
    for question in survey.questions():
        rows = [row for row in question.rows.tolist() if sites[row]]
        named = {row: bool(yes) for row, yes in zip(question.rows, question.positive, strict=True)}
        table = Counter((sites[row], named[row]) for row in rows)
        names = sorted({sites[row] for row in rows})
        counts = np.array([[table[site, False], table[site, True]] for site in names])
        link, p_value = cramers_v(counts)
        if link < CONFOUNDED or p_value > CERTAIN:
            continue
        shares = ", ".join(
            f"{site}: {100 * row[1] / row.sum():.0f} % of {row.sum()}"
            for site, row in zip(names, counts, strict=True)
        )
        found.append(
            Finding(
                "sites",
                Severity.ALARM,
                f"The site says much about “{question.name}” (Cramér's V {link:.2f}): {shares}.",
                "A network can learn to tell the sites apart instead, and fail at the next one.",
                "Judge it on a site that it was not trained on, or balance the classes within "
                "each site.",
                numbers={"cramers_v": link, "p_value": p_value},
            )
        )
    return found


def class_counts(survey: Survey) -> dict[str, int]:
    """Count the independent cases of each label: copies and cases of one patient count once."""
    groups = survey.groups()
    bearing: dict[str, set[int]] = {label: set() for label in survey.index.task.labels}
    for group, labels in zip(groups.tolist(), survey.labels(), strict=True):
        for label in labels:
            bearing.setdefault(label, set()).add(group)
    if all(entry.target is None for entry in survey.entries):
        return {}
    return {label: len(found) for label, found in bearing.items()}


def cramers_v(counts: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return Cramér's V of a table of counts, corrected for bias, and the p-value of chi-squared.

    Bergsma 2013, J. Korean Stat. Soc. 42:323, equations 3 to 5. 0 is no link, 1 a certain one.
    """
    from scipy.stats import chi2

    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    rows, columns = counts.shape
    total = float(counts.sum())
    if min(rows, columns) < 2 or total < 2:
        return 0.0, 1.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    chi = float(((counts - expected) ** 2 / expected).sum())
    freedom = (rows - 1) * (columns - 1)
    p_value = float(chi2.sf(chi, freedom))
    share = max(0.0, chi / total - freedom / (total - 1))
    wide = columns - (columns - 1) ** 2 / (total - 1)
    high = rows - (rows - 1) ** 2 / (total - 1)
    return float(np.sqrt(share / max(min(wide, high) - 1, 1e-9))), p_value
