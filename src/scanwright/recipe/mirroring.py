"""Along which axes images may be mirrored without becoming what they are not."""

from scanwright.recipe.fingerprint import Fingerprint


def mirrored_axes(fingerprint: Fingerprint, reasons: dict[str, str], side: int) -> tuple[int, ...]:
    """Return the axes along which images may be mirrored, and note the reason.

    Parameters
    ----------
    reasons
        Taken up: "augmentation.flips".
    side
        Axis that runs from left to right.
    """
    words = " ".join(fingerprint.labels).lower()
    if "left" in words or "right" in words:
        reasons["augmentation.flips"] = "labels name a side, so nothing is mirrored"
        return ()
    if fingerprint.modality == "other":
        reasons["augmentation.flips"] = "pictures without a body axis may be mirrored along any"
        return tuple(range(fingerprint.rank))
    reasons["augmentation.flips"] = (
        "only left and right are exchanged: no label names a side, and up and down never look alike"
    )
    return (side,)
