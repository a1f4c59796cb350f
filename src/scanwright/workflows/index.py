"""Say what is in a data set, without torch and without reading pixels."""

from scanwright.base import SILENT, Progress
from scanwright.data import IndexOptions, IndexSummary, describe, index_data


def index(
    data: str, options: IndexOptions | None = None, progress: Progress = SILENT
) -> IndexSummary:
    """Recognise a data set and count what it holds.

    Raises
    ------
    InputError
        Nothing is there that is known, or its labels are ambiguous.
    """
    return describe(index_data(data, options, progress))
