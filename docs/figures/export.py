"""Draw the figure of docs/explanation/windows.md: cost of export by classes and by elements.

Run it from the root of the project after `benchmarks/export.py`: `python docs/figures/export.py`.
"""

import json
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "explanation" / "figures" / "export.png"


def main() -> None:
    """Draw time and memory, each against classes and against elements."""
    result = json.loads((ROOT / "benchmarks" / "results" / "export.json").read_text())
    figure, axes = plt.subplots(2, 2, figsize=(8, 5), layout="constrained", sharey="row")
    columns = (
        ("by_classes", "classes", 1, "classes, 90 × 512 × 512 elements"),
        ("by_voxels", "voxels", 1e6, "million elements, 8 classes"),
    )
    for column, (table, key, unit, name) in enumerate(columns):
        rows = sorted(result[table], key=lambda row: row[key])
        across = [row[key] / unit for row in rows]
        axes[0, column].plot(across, [row["cpu_s"] for row in rows], "o-", color="#1f5fa8")
        memory = [row["extra_mib"] for row in rows]
        labels = [row["of_it_label_map_mib"] for row in rows]
        axes[1, column].plot(across, memory, "o-", color="#1f5fa8", label="all")
        axes[1, column].plot(across, labels, "s--", color="#777777", label="the label map")
        axes[1, column].set_xlabel(name)
        for axis in axes[:, column]:
            axis.set_ylim(bottom=0)
            axis.set_xlim(left=0)
            axis.grid(alpha=0.3)
    axes[0, 0].set_ylabel("processor seconds")
    axes[1, 0].set_ylabel("memory, MiB")
    axes[1, 0].legend(frameon=False)
    figure.savefig(TARGET, dpi=110, metadata={"Software": None})


if __name__ == "__main__":
    main()
