"""How numbers and scores stand within a sentence."""

from scanwright.report.measure import Score


def percent(share: float, noun: str = "") -> str:
    """Return a share as "87 of 100", or of 1000 near the ends.

    Examples
    --------
    >>> percent(0.874), percent(0.998)
    ('87 of 100', '998 of 1000')
    """
    whole = 1000 if 0.99 < share < 1 or 0 < share < 0.01 else 100
    return f"{whole * share:.0f} {noun} of {whole}" if noun else f"{whole * share:.0f} of {whole}"


def in_words(score: Score) -> str:
    """Return the title of a score as it stands within a sentence: "AUC", "mean absolute error"."""
    is_name = score.title[1:2] != score.title[1:2].lower() or len(score.title) < 3
    return score.title if is_name else score.title[0].lower() + score.title[1:]


def count_of(number: int, nouns: str) -> str:
    """Return a number with its noun, which is given in the plural.

    Examples
    --------
    >>> count_of(1, "cases"), count_of(12000, "cases")
    ('1 case', '12\u202f000 cases')
    """
    noun = nouns[:-1] if number == 1 else nouns
    return f"{number:,} {noun}".replace(",", "\u202f")


def range_of(score: Score) -> str:
    """Return the interval of a share in hundredths, in brackets after a space; empty without."""
    if score.low is None or score.high is None:
        return ""
    return f" ({100 * score.low:.0f} to {100 * score.high:.0f})"
