import json
import pickle

from scanwright.auditing import Finding, Severity
from scanwright.auditing.finding import MOST_LISTED, some


def made(count: int = 2) -> Finding:
    groups = tuple((f"a{n}", f"b{n}") for n in range(count))
    return Finding("copies", Severity.NOTE, "what", "why", "do", groups, {"a0": "x"}, {"n": 1.5})


def test_a_finding_names_each_case_once_and_travels() -> None:
    finding = made()
    assert finding.cases == ("a0", "b0", "a1", "b1")
    assert pickle.loads(pickle.dumps(finding)) == finding


def test_json_counts_all_groups_even_where_it_lists_fewer() -> None:
    plain = json.loads(json.dumps(made(MOST_LISTED + 5).to_plain(), allow_nan=False))
    assert plain["count"] == MOST_LISTED + 5
    assert len(plain["groups"]) == MOST_LISTED


def test_words_and_ranks() -> None:
    assert some(["a"]) == "a"
    assert [one.rank for one in (Severity.ALARM, Severity.WARNING, Severity.NOTE)] == [0, 1, 2]
