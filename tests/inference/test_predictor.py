import numpy as np
import pytest
import torch
from torch import nn

from scanwright.base import BundleError
from scanwright.image import Case, Image
from scanwright.inference import Answer, Compute, Decision, InputLimits, Predictor, Views
from scanwright.nets import NetworkOptions, build_network
from scanwright.transforms import Pipeline

CPU = Compute(torch.device("cpu"), None, 1)
LIMITS = InputLimits(rank=2, channels=(1,), smallest=(16, 16), largest=(16, 16))
PIPELINE = Pipeline.from_plain([{"kind": "range", "low": 0.0, "high": 255.0}])


def softmax(outputs: np.ndarray) -> np.ndarray:
    weights = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def highest(scores: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    return np.eye(scores.shape[1])[scores.argmax(axis=1)]


def answer(**facts: object) -> Answer:
    given = {
        "labels": ("a", "b", "c"),
        "decode": softmax,
        "decide": highest,
        "decision": Decision(),
        **facts,
    }
    return Answer(**given)  # type: ignore[arg-type]  # facts by name


def cases(count: int, seed: int = 0) -> list[Case]:
    rng = np.random.default_rng(seed)
    arrays = rng.integers(0, 256, (count, 1, 16, 16)).astype(np.uint8)
    return [Case.of(Image.from_array(array), f"case {i}") for i, array in enumerate(arrays)]


def ensemble(*seeds: int) -> list[nn.Module]:
    options = NetworkOptions(size=(16, 16), outputs=3, dropout=0.5)
    return [build_network("tutorial", options, seed=seed) for seed in seeds]


def predictor(networks: list[nn.Module], **facts: object) -> Predictor:
    given = {
        "networks": networks,
        "pipeline": PIPELINE,
        "answer": answer(),
        "limits": LIMITS,
        "compute": CPU,
        "input_shape": (1, 16, 16),
        **facts,
    }
    return Predictor(**given)  # type: ignore[arg-type]  # facts by name


def scores(predictor: Predictor, of: list[Case]) -> np.ndarray:
    return np.array([prediction.scores for prediction in predictor.predict(of)])


def test_answers_come_in_the_order_of_the_cases_and_carry_their_names() -> None:
    found = list(predictor(ensemble(1), batch=2).predict(iter(cases(5))))
    assert [one.case for one in found] == [f"case {i}" for i in range(5)]
    assert all(one.labels == ("a", "b", "c") for one in found)


def test_no_cases_give_no_answers() -> None:
    assert list(predictor(ensemble(1)).predict([])) == []


@pytest.mark.parametrize("batch", [1, 2, 4, 7])
def test_an_answer_does_not_depend_on_the_batch_it_is_in(batch: int) -> None:
    alone = scores(predictor(ensemble(1), batch=1), cases(7))
    np.testing.assert_allclose(
        scores(predictor(ensemble(1), batch=batch), cases(7)), alone, atol=1e-6
    )


def test_an_answer_is_the_same_when_asked_again_although_networks_have_dropout() -> None:
    asked = predictor([network.train() for network in ensemble(1)])
    np.testing.assert_array_equal(scores(asked, cases(3)), scores(asked, cases(3)))


def test_preprocessing_comes_before_the_network() -> None:
    prepared = predictor(ensemble(1)).prepare(cases(1)[0])
    assert prepared.dtype == np.float32
    np.testing.assert_allclose(prepared, cases(1)[0].image.array / 255, atol=1e-6)


def test_an_ensemble_scores_the_mean_of_its_outputs() -> None:
    asked = predictor(ensemble(1, 2, 3))
    images = np.stack([asked.prepare(case) for case in cases(4)])
    with torch.inference_mode():
        outputs = [network.eval()(torch.from_numpy(images)).numpy() for network in asked.networks]
    np.testing.assert_allclose(scores(asked, cases(4)), softmax(np.mean(outputs, 0)), atol=1e-6)


def test_the_spread_is_the_deviation_of_the_members_scores() -> None:
    asked = predictor(ensemble(1, 2))
    images = np.stack([asked.prepare(case) for case in cases(2)])
    each = [softmax(outputs) for outputs in asked.run(images)]
    found = np.array([one.spread for one in asked.predict(cases(2))])
    np.testing.assert_allclose(found, np.abs(each[0] - each[1]) / 2, atol=1e-9)
    assert found.max() > 0


def test_one_network_or_equal_ones_have_no_spread() -> None:
    assert not np.any([one.spread for one in predictor(ensemble(4)).predict(cases(2))])
    twins = predictor(ensemble(4, 4))
    np.testing.assert_allclose([one.spread for one in twins.predict(cases(2))], 0, atol=1e-12)


def test_flips_average_over_mirrored_images() -> None:
    mirrored = [Case.of(case.image.flipped(1), case.name) for case in cases(3)]
    asked = predictor(ensemble(1), views=Views(flips=(1,)))
    np.testing.assert_allclose(scores(asked, cases(3)), scores(asked, mirrored), atol=1e-6)
    plain = predictor(ensemble(1))
    assert not np.allclose(scores(plain, cases(3)), scores(plain, mirrored), atol=1e-6)


def test_a_case_that_does_not_fit_is_refused_before_any_network_runs() -> None:
    wrong = Case.of(Image.from_array(np.ones((1, 16, 16))), "blank.png")
    with pytest.raises(BundleError, match="constant"):
        list(predictor([nn.Identity()]).predict([wrong]))


def test_a_warning_travels_with_the_answer() -> None:
    limits = LIMITS.model_copy(update={"values": (0.0, 1.0)})
    (found,) = predictor(ensemble(1), limits=limits).predict(cases(1))
    assert "mean value" in found.warnings[0]


def test_temperature_softens_scores_without_changing_the_decision() -> None:
    outputs = np.array([[2.0, 0.0, -1.0]])
    soft = answer(decision=Decision(temperature=4.0)).scores(outputs)
    np.testing.assert_allclose(soft, softmax(outputs / 4))
    assert answer().decided(soft) == [("a",)]


def test_scores_keep_leading_axes() -> None:
    outputs = np.random.default_rng(0).normal(size=(5, 4, 3))
    found = answer().scores(outputs)
    assert found.shape == (5, 4, 3)
    np.testing.assert_allclose(found[2], answer().scores(outputs[2]))


def test_a_number_is_put_back_on_its_own_scale_and_decides_for_nothing() -> None:
    numbers = answer(
        labels=("age",),
        decode=lambda outputs: outputs,
        decision=Decision(offset=50.0, scale=10.0),
        is_scored_by_class=False,
    )
    np.testing.assert_allclose(numbers.scores(np.array([[1.5], [-1.0]])), [[65.0], [40.0]])
    assert numbers.decided(np.array([[65.0], [40.0]])) == [(), ()]


def test_thresholds_decide_for_any_number_of_labels() -> None:
    several = answer(
        decide=lambda scores, thresholds: (scores >= thresholds).astype(float),
        decision=Decision(thresholds=(0.5, 0.2, 0.9)),
    )
    found = several.decided(np.array([[0.6, 0.3, 0.5], [0.1, 0.1, 0.1]]))
    assert found == [("a", "b"), ()]


def test_features_are_those_of_every_network_side_by_side() -> None:
    networks = ensemble(1, 2)
    images = np.random.default_rng(0).random((3, 1, 16, 16), dtype=np.float32)
    both = predictor(networks).features(images)
    alone = predictor(networks[1:]).features(images)
    assert both.shape == (3, 2 * alone.shape[1])
    np.testing.assert_allclose(both[:, alone.shape[1] :], alone)
    np.testing.assert_allclose(predictor(networks).features(images[1:]), both[1:], atol=1e-6)


def test_a_network_without_feature_maps_is_refused() -> None:
    closed = nn.Sequential(nn.Flatten(), nn.Linear(256, 3))
    with pytest.raises(BundleError, match="feature maps"):
        predictor([closed]).features(np.zeros((1, 1, 16, 16), np.float32))
