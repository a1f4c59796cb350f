"""What is done about rare classes, with the reason: chosen by ratio and by number of cases."""

from dataclasses import dataclass

from scanwright.recipe.decide import DecisionChoice
from scanwright.recipe.fingerprint import Fingerprint

RARE = 4.0
"""From this ratio of the most frequent class to the rarest on, batches are balanced."""
FEW = 10
"""Below this number of cases of a class, the reason says that hardly anything can be learnt."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """Settings of training and decision that make up for rare classes.

    Parameters
    ----------
    training
        Settings of `TrainingChoice` by name.
    decision
        How scores become a decision.
    reasons
        By dotted setting.
    """

    training: dict[str, float | str]
    decision: DecisionChoice
    reasons: dict[str, str]


def rarity_for(fingerprint: Fingerprint) -> Rarity:
    """Choose what is done about rare classes.

    On simulated cohorts of 1 : 20, batches with equal shares of all classes raised the sensitivity
    at 90 % specificity by far the most; weights, margins, adjusted logits and mixing added nothing
    to them (docs/explanation/imbalance.md). Below 1 : 4 nothing is done.
    """
    known = {name: count for name, count in fingerprint.counts.items() if count > 0}
    if not known or fingerprint.kind == "number":
        return Rarity({}, DecisionChoice(), {})
    ratio = f"1 : {fingerprint.imbalance:.3g}"
    if fingerprint.imbalance < RARE or len(known) < 2:
        reason = f"classes are {ratio}: too even for balancing to pay (from 1 : {RARE:g} on)"
        return Rarity({}, DecisionChoice(), {"training.resample": reason})
    if fingerprint.kind != "classes":
        reason = (
            f"labels are {ratio}, but balancing was measured for classes that exclude each other "
            "only; by hand: training.balance"
        )
        return Rarity({}, DecisionChoice(), {"training.resample": reason})
    rarest = min(known, key=lambda name: known[name])
    reason = f'"{rarest}" has {known[rarest]} cases, {ratio}: batches hold equal shares of classes'
    if known[rarest] < FEW:
        reason += f"; fewer than {FEW} cases teach little, whatever is done"
    reasons = {
        "training.resample": reason,
        "training.draw": "every batch holds each class, its cases in turn and none left to chance",
        "decision.shift": "scores learnt from balanced batches are put back to true frequencies",
    }
    rule = "youden"
    if len(fingerprint.labels) > 2:
        rule = "prior"
        reasons["decision.rule"] = "the highest score alone would hardly ever be a rare label's"
    decision = DecisionChoice.parse({"rule": rule, "shift": True}, "decision")
    assert isinstance(decision, DecisionChoice)
    return Rarity({"resample": 1.0, "draw": "stratified"}, decision, reasons)
