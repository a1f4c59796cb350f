import json

import numpy as np

from scanwright.auditing import CHECKS, Severity, examine, in_order
from tests.auditing.builders import bodies, survey_of
from tests.auditing.test_check import SURVEYS


def test_findings_come_worst_first_and_every_check_is_accounted_for() -> None:
    arrays = bodies(12)
    arrays[5] = arrays[0]
    arrays[7] = np.zeros_like(arrays[7])
    audit = examine(survey_of(arrays, "aabbbbaabbaa"))
    ranks = [one.severity.rank for one in audit.findings]
    assert ranks == sorted(ranks)
    assert audit.findings[0].kind == "contradictions"
    assert audit.count(Severity.ALARM) >= 1
    kinds = {one.kind for one in audit.findings}
    assert len(kinds) + len(audit.passed) == len(CHECKS)
    assert in_order(reversed(audit.findings))[0].severity is Severity.ALARM


def test_any_set_can_be_audited_and_told_as_json() -> None:
    for survey in SURVEYS.values():
        audit = examine(survey)
        plain = json.loads(json.dumps(audit.to_plain(), allow_nan=False))
        assert plain["cases"] == len(survey)
        assert str(len(survey)) in audit.headline


def test_checks_can_be_left_out() -> None:
    audit = examine(survey_of(bodies(3), "aba"), without=("patients", "classes"))
    assert not {"patients", "classes"} & {one.kind for one in audit.findings}
