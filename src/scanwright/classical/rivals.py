"""The classical models: what each is made of, and the settings among which it is tuned."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from scanwright.base import Catalog
from scanwright.classical.scaling import FamilyScaler

Estimator = Any  # Any: a scikit-learn estimator; the library has no types
Settings = Mapping[str, float]
"""Values of the settings that are tuned."""

Families = tuple[int, ...]
"""Number of the family of each column of features."""
Make = Callable[[Settings, int, Families], Estimator]
"""Makes an estimator."""


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep numeric libraries on one thread.

    Tables are small: threads wait for each other longer than they work (a hundred times longer
    on a busy machine), and add up in an order that changes from run to run.
    """
    import sklearn.ensemble  # noqa: F401  (only libraries that are loaded can be limited)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


@dataclass(frozen=True, slots=True)
class RivalFamily:
    """A family of models.

    Parameters
    ----------
    title
        As a reader is told.
    classify, regress
        (settings, seed, family of each column) → a scikit-learn estimator that takes raw features.
    grid
        Settings to choose from, the safest first.
    """

    title: str
    classify: Make
    regress: Make
    grid: tuple[Settings, ...]


def _scaled(model: Estimator, families: Families) -> Estimator:
    from sklearn.pipeline import make_pipeline

    return make_pipeline(FamilyScaler(families), model)


def _logistic(settings: Settings, seed: int, families: Families) -> Estimator:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=settings["c"], max_iter=5000, random_state=seed)
    return _scaled(model, families)


def _ridge(settings: Settings, seed: int, families: Families) -> Estimator:
    from sklearn.linear_model import Ridge

    return _scaled(Ridge(alpha=1 / settings["c"], random_state=seed), families)


def _svm(settings: Settings, seed: int, families: Families) -> Estimator:
    from sklearn.svm import SVC

    families = families if settings["even"] else ()
    model = SVC(C=settings["c"], kernel="rbf", gamma=GAMMA, random_state=seed)
    return _scaled(model, families)


def _svm_number(settings: Settings, _: int, families: Families) -> Estimator:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVR

    families = families if settings["even"] else ()
    model = SVR(C=settings["c"], kernel="rbf", gamma=GAMMA)
    return TransformedTargetRegressor(_scaled(model, families), transformer=StandardScaler())


GAMMA = 1.0
"""Of the RBF kernel; scaled cases have a mean square length of 1."""
TREES = 200
ROUNDS = 100
COLUMN_SHARE = 0.2
"""Share of the features that a split of a boosted tree may look at; faster, and better here."""


def _forest(settings: Settings, seed: int, _: Families) -> Estimator:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        TREES, min_samples_leaf=int(settings["leaf"]), max_features="sqrt", random_state=seed
    )


def _forest_number(settings: Settings, seed: int, _: Families) -> Estimator:
    from sklearn.ensemble import RandomForestRegressor

    return RandomForestRegressor(
        TREES, min_samples_leaf=int(settings["leaf"]), max_features=0.3, random_state=seed
    )


def _boosting(settings: Settings, seed: int, _: Families) -> Estimator:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(**_boosting_settings(settings, seed))


def _boosting_number(settings: Settings, seed: int, _: Families) -> Estimator:
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(**_boosting_settings(settings, seed))


def _boosting_settings(settings: Settings, seed: int) -> dict[str, Any]:  # Any: scikit-learn's
    return {
        "learning_rate": 0.1,
        "max_iter": ROUNDS,
        "max_leaf_nodes": int(settings["leaves"]),
        "max_features": COLUMN_SHARE,
        "l2_regularization": 1.0,
        "early_stopping": False,
        "random_state": seed,
    }


RIVALS: Catalog[RivalFamily] = Catalog(
    "classical model",
    {
        "logistic": RivalFamily(
            "logistic regression", _logistic, _ridge, ({"c": 10.0}, {"c": 1.0}, {"c": 100.0})
        ),
        "svm": RivalFamily(
            "support vector machine",
            _svm,
            _svm_number,
            (
                {"c": 5.0, "even": 1.0},
                {"c": 5.0, "even": 0.0},
                {"c": 1.0, "even": 1.0},
                {"c": 20.0, "even": 1.0},
            ),
        ),
        "boosting": RivalFamily(
            "gradient boosting", _boosting, _boosting_number, ({"leaves": 8.0},)
        ),
        "forest": RivalFamily("random forest", _forest, _forest_number, ({"leaf": 2.0},)),
    },
    group="scanwright.rivals",
)
"""Families of classical models by name."""
