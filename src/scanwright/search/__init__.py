"""Better settings by trial: short trainings on inner folds, the test part out of reach."""

from scanwright.search.bench import Bench, Ground
from scanwright.search.climb import Climb
from scanwright.search.figures import history_figure, importance_figure
from scanwright.search.gain import LEVEL, Gain, measure_gain
from scanwright.search.importance import Importance, measure_importance
from scanwright.search.plan import Asked, Prices, SearchPlan, plan_search
from scanwright.search.reach import Ladder, Reach, ladder_to, operations_of
from scanwright.search.record import Record, best_of, records_csv
from scanwright.search.space import (
    SPACE,
    Dimension,
    Facts,
    Space,
    Value,
    Values,
    check_vary,
    space_for,
)
from scanwright.search.storage import sqlite_url, without_password
from scanwright.search.study import Place, SharedStudy
from scanwright.search.summary import Summary, default_of, value_words

__all__ = [
    "LEVEL",
    "SPACE",
    "Asked",
    "Bench",
    "Climb",
    "Dimension",
    "Facts",
    "Gain",
    "Ground",
    "Importance",
    "Ladder",
    "Place",
    "Prices",
    "Reach",
    "Record",
    "SearchPlan",
    "SharedStudy",
    "Space",
    "Summary",
    "Value",
    "Values",
    "best_of",
    "check_vary",
    "default_of",
    "history_figure",
    "importance_figure",
    "ladder_to",
    "measure_gain",
    "measure_importance",
    "operations_of",
    "plan_search",
    "records_csv",
    "space_for",
    "sqlite_url",
    "value_words",
    "without_password",
]
