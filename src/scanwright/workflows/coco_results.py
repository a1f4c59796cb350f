"""Findings in pictures as COCO results, with the images and categories that the ids stand for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scanwright.base import Plain, write_atomic
from scanwright.workflows.findings import Findings

ENDING = ".coco.json"
NAMES_ENDING = ".images.json"
"""Of the file beside the results that says what the ids stand for."""


@dataclass(frozen=True, slots=True)
class CocoResults:
    """Findings as pycocotools reads them (`COCO(images file).loadRes(results file)`).

    Parameters
    ----------
    labels
        Category 1 is the first of them.
    answers
        About pictures; image 1 is the first of them. All boxes become results, those that are not
        reported, too: average precision is over all scores.

    Notes
    -----
    A box is [x, y, width, height] in pixels from the upper left corner of the picture, which is
    half a pixel before index 0 (https://cocodataset.org/#format-results).
    """

    labels: Sequence[str]
    answers: Sequence[Findings]

    def results(self) -> list[Plain]:
        """Return one result for each box."""
        results: list[Plain] = []
        for image, answer in enumerate(self.answers, start=1):
            edges = answer.found.edges
            corner = edges[:, ::-1, 0] + 0.5  # (N, 2): x, y
            size = edges[:, ::-1, 1] - edges[:, ::-1, 0]
            rows = zip(
                (answer.found.classes + 1).tolist(),
                corner.tolist(),
                size.tolist(),
                answer.found.scores.tolist(),
                strict=True,
            )
            for category, start, extent, score in rows:
                box: list[Plain] = [*start, *extent]
                results.append(
                    {"image_id": image, "category_id": category, "bbox": box, "score": score}
                )
        return results

    def images(self) -> dict[str, Plain]:
        """Return the images and categories, as a COCO file without annotations has them."""
        images: list[Plain] = []
        for number, answer in enumerate(self.answers, start=1):
            height, width = answer.found.size
            name = answer.case
            images.append({"id": number, "file_name": name, "width": width, "height": height})
        categories: list[Plain] = [
            {"id": number, "name": label} for number, label in enumerate(self.labels, start=1)
        ]
        return {"images": images, "annotations": [], "categories": categories}

    def write(self, path: Path) -> tuple[Path, ...]:
        """Write `NAME.coco.json` and, beside it, `NAME.images.json`; return both."""
        beside = path.with_name(path.name[: -len(ENDING)] + NAMES_ENDING)
        write_atomic(path, json.dumps(self.results(), allow_nan=False) + "\n")
        text = json.dumps(self.images(), indent=2, ensure_ascii=False, allow_nan=False)
        write_atomic(beside, text + "\n")
        return path, beside
