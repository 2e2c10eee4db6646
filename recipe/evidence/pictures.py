"""The reliability diagram and the risk–coverage curve of the fit, as pictures for docs/abstention.md."""

from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from numpy.typing import NDArray

BINS = 10
Judged = dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]]


def draw(judged: Judged, folder: Path) -> None:
    mpl.use("svg")
    plt.rcParams.update({"svg.hashsalt": "citebot", "font.size": 10})
    folder.mkdir(parents=True, exist_ok=True)
    _reliability(judged, folder / "reliability.svg")
    _risk_coverage(judged, folder / "risk_coverage.svg")


def _reliability(judged: Judged, path: Path) -> None:
    """In each tenth of the questions, by confidence: the mean confidence and the share that is right."""
    figure, axes = plt.subplots(figsize=(5, 4))
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--", label="perfect")
    for name, (trust, right) in judged.items():
        confidence = 1 / (1 + np.exp(-trust))
        bins = np.array_split(np.argsort(confidence), BINS)
        axes.plot([confidence[b].mean() for b in bins], [right[b].mean() for b in bins], marker="o", label=name)
    axes.set(xlabel="confidence", ylabel="share of right answers", xlim=(0, 1), ylim=(0, 1))
    _save(figure, path)


def _risk_coverage(judged: Judged, path: Path) -> None:
    """For each share of all questions answered, surest first: the share of those answers that is wrong."""
    figure, axes = plt.subplots(figsize=(5, 4))
    for name, (trust, right) in judged.items():
        wrong = ~right[np.argsort(-trust, kind="stable")]
        reached = np.arange(1, len(wrong) + 1)
        axes.plot(reached / len(wrong), np.cumsum(wrong) / reached, label=name)
    axes.set(xlabel="coverage: share of questions answered", ylabel="risk: share of answers wrong", xlim=(0, 1))
    axes.set_ylim(bottom=0)
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    figure.axes[0].legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
