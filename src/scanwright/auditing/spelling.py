"""The check of how labels are written: case, blanks, and cells that had to be trimmed."""

from collections import Counter

from scanwright.auditing.finding import Finding, Severity, count_words
from scanwright.auditing.survey import Survey


def check_spelling(survey: Survey) -> list[Finding]:
    """Find labels that differ only in case or blanks, and stray blanks in a table."""
    found = []
    task = survey.index.task
    if task.spellings:
        words = ", ".join(f'"{written}" for "{read}"' for written, read in task.spellings)
        found.append(
            Finding(
                "spelling",
                Severity.ALARM,
                f"{count_words(len(task.spellings), 'label is', 'labels are')} written in more "
                f"than one way: {words}.",
                "Each spelling would be a class of its own; training refuses such a set.",
                "Write them alike. The proposed table does.",
                numbers=dict(task.spellings),
            )
        )
    stray = [label for label in task.labels if label != label.strip()]
    if stray:
        found.append(
            Finding(
                "spelling",
                Severity.NOTE,
                "Labels begin or end with a blank: " + ", ".join(f'"{one}"' for one in stray) + ".",
                "They cannot be told from their twins without the blank by the eye.",
                "Rename the folders.",
                numbers=dict(Counter(stray)),
            )
        )
    notes = [note for note in survey.index.notes if note.startswith("blanks around cells")]
    if notes:
        found.append(
            Finding(
                "spelling",
                Severity.NOTE,
                notes[0][0].upper() + notes[0][1:] + ".",
                "Other programs may take the cells with a blank for other words.",
                "Correct the table; the proposed one has none.",
            )
        )
    return found
