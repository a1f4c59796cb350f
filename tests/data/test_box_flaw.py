from scanwright.data import BoxFault


def test_a_box_that_is_cut_or_disputed_stays_and_every_other_fault_loses_it() -> None:
    kept = {fault for fault in BoxFault if not fault.is_lost}
    assert kept == {BoxFault.CUT, BoxFault.TWICE}
