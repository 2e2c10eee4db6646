"""Fits the evidence model on what `observe.py` kept, writes it, and says how good it is.

    python recipe/evidence/fit.py WORK [--pictures docs]

The ranking is fitted on the passages of `nq` and `qed`; the trust in the answer of the best passage on those,
`near_topic` and `one_article`, each set with the same weight. Every figure is cross-validated: five folds, the
questions of one fold weighed by models that never saw them in any set. `follow_ups` and nothing else is held out from
both. A reading counts as right if its sentences hold an accepted answer or the gold evidence.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bot import signals
from bot.evals.confidence import auroc
from bot.evals.metrics import answer_contains, normalised
from bot.evidence import AT_ONCE, LEVEL, MOST_MARGIN, is_level
from index.reader import Reading
from index.types import Passage, RankedPassage

RANKED_BY = ("nq", "qed")
TRUSTED_BY = ("nq", "qed", "near_topic", "one_article")
HELD_OUT = ("follow_ups",)
FOLDS = 5
REFUSED = 0.7
"""Share of the unanswerable questions to be refused where sets are compared: the aim of the project."""

THRESHOLDS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)

Array = NDArray[np.float64]
Judged = tuple[Array, NDArray[np.bool_]]
"""For each question the trust in its answer, as log odds, and whether that answer is right."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with what retrieval found: ranking signals, shape (passages, signals), and which are right."""

    question: str
    answerable: bool
    passages: list[Passage]
    readings: list[Reading]
    sentence_margins: list[float]
    signals: list[signals.Ranking]
    right: list[bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("work", type=Path, help="the folder of observe.py")
    parser.add_argument("--write", type=Path, default=Path("bot/evidence.json"))
    parser.add_argument(
        "--pictures", type=Path, help="a folder for the reliability diagram and the risk–coverage curve"
    )
    options = parser.parse_args()
    sets = {name: read(options.work / f"{name}.jsonl") for name in (*TRUSTED_BY, *HELD_OUT)}
    judged = cross_validated(sets)
    print(
        "| set | questions | right passage first, by margin | by the model | AUROC | right at 70 % refused | answered |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, rows in sets.items():
        print(line(name, rows, *judged[name]))
    print("\n| threshold | " + " | ".join(f"{name}: answered, right of those, refused" for name in sets) + " | gain |")
    print("|---" * (len(sets) + 2) + "|")
    for threshold in THRESHOLDS:
        print(at_threshold(threshold, sets, judged))
    ranking = fitted_ranking([row for name in RANKED_BY for row in sets[name]])
    tops = {name: [top(ranking, row) for row in sets[name]] for name in TRUSTED_BY}
    print(reads(ranking, [row for name in TRUSTED_BY for row in sets[name]]))
    print(level(ranking, [row for name in TRUSTED_BY for row in sets[name] if row.answerable]))
    trust = fitted_trust(tops)
    named = {"ranking": plain(ranking, signals.Ranking._fields), "trust": plain(trust, signals.Trust._fields)}
    options.write.write_text(json.dumps(named, indent=2) + "\n", encoding="utf-8")
    print(f"\nwritten to {options.write}")
    if options.pictures:
        from pictures import draw

        draw({name: judged[name] for name in TRUSTED_BY}, options.pictures)


def read(path: Path) -> list[Asked]:
    with path.open(encoding="utf-8") as rows:
        return [asked(json.loads(row)) for row in rows]


def asked(row: dict[str, Any]) -> Asked:
    found = [RankedPassage(**each | {"passage": Passage(**each["passage"])}) for each in row["found"]]
    readings = [Reading(**each) for each in row["readings"]]
    best = max(each.lexical for each in found)
    return Asked(
        row["question"],
        row["answerable"],
        [each.passage for each in found],
        readings,
        row["sentence_margins"],
        [signals.ranking(each, reading.margin, best) for each, reading in zip(found, readings, strict=True)],
        [is_right(row, each.passage.text, reading) for each, reading in zip(found, readings, strict=True)],
    )


def is_right(row: dict[str, Any], text: str, reading: Reading) -> bool:
    start, end = signals.answering_sentences(text, reading)
    said = " ".join(normalised(text[start:end]))
    proof = [" ".join(normalised(evidence)) for evidence in row["evidence"]]
    holds = bool(row["answers"]) and answer_contains(text[start:end], row["answers"]) > 0
    return row["answerable"] and (holds or any(each in said or said in each for each in proof))


def cross_validated(sets: dict[str, list[Asked]]) -> dict[str, Judged]:
    fold = {name: np.array([crc32(row.question.encode()) % FOLDS for row in rows]) for name, rows in sets.items()}
    trust = {name: np.zeros(len(rows)) for name, rows in sets.items()}
    right = {name: np.zeros(len(rows), bool) for name, rows in sets.items()}
    for number in range(FOLDS):
        seen = {name: [row for row, at in zip(sets[name], fold[name], strict=True) if at != number] for name in sets}
        ranking = fitted_ranking([row for name in RANKED_BY for row in seen[name]])
        model = fitted_trust({name: [top(ranking, row) for row in seen[name]] for name in TRUSTED_BY})
        for name, rows in sets.items():
            for n in np.flatnonzero(fold[name] == number):
                values, right[name][n] = top(ranking, rows[n])
                trust[name][n] = model.decision_function([values])[0]
    return {name: (trust[name], right[name]) for name in sets}


def fitted_ranking(rows: Sequence[Asked]) -> Any:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return model.fit([each for row in rows for each in row.signals], [right for row in rows for right in row.right])


def fitted_trust(tops: dict[str, list[tuple[signals.Trust, bool]]]) -> Any:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    weights = np.concatenate([np.full(len(rows), 1 / len(rows)) for rows in tops.values()])
    every = [each for rows in tops.values() for each in rows]
    return model.fit(
        [values for values, _ in every],
        [right for _, right in every],
        logisticregression__sample_weight=weights * len(every) / len(tops),
    )


def top(ranking: Any, row: Asked) -> tuple[signals.Trust, bool]:
    """The trust signals of the passage that the model ranks first, and whether its answer is right."""
    logits = ranking.decision_function(row.signals)
    best, *others = np.argsort(-logits, kind="stable").tolist()
    answered = signals.Answered(row.passages[best], row.readings[best], row.signals[best], row.sentence_margins[best])
    return signals.trust(row.question, answered, [row.signals[n].similarity for n in others]), row.right[best]


def reads(ranking: Any, rows: Sequence[Asked]) -> str:
    """How many passages are read, and the highest margin there was: what `bot.evidence` stops reading by."""
    counts = []
    for row in rows:
        logits = ranking.decision_function(row.signals)
        most = ranking.decision_function([each._replace(margin=MOST_MARGIN) for each in row.signals])
        order = np.argsort(-most, kind="stable").tolist()
        starts = range(AT_ONCE, len(order), AT_ONCE)
        stop = (n for n in starts if most[order[n]] + LEVEL <= max(logits[i] for i in order[:n]))
        counts.append(next(stop, len(order)))
    highest = max(each.margin for row in rows for each in row.signals)
    return f"\nRead: {np.mean(counts):.1f} passages on average; the highest margin is {highest:.1f}."


def level(ranking: Any, rows: Sequence[Asked]) -> str:
    """How often a second passage speaks with the first, and how often each of the two is then right."""
    pairs = []
    for row in rows:
        logits = ranking.decision_function(row.signals)
        first, second = np.argsort(-logits, kind="stable").tolist()[:2]
        if is_level(logits[first] - logits[second], row.readings[second]):
            pairs.append((row.right[first], row.right[second]))
    first_right, second_right = np.mean(pairs, axis=0)
    share, either = len(pairs) / len(rows), np.mean([one or other for one, other in pairs])
    return (
        f"\nA second passage speaks for {share:.3f} of the answerable questions; there the first is right for "
        f"{first_right:.3f}, the second for {second_right:.3f}, one of them for {either:.3f}."
    )


def line(name: str, rows: Sequence[Asked], trust: Array, right: NDArray[np.bool_]) -> str:
    answerable = np.array([row.answerable for row in rows])
    by_margin = np.array([row.right[int(np.argmax([each.margin for each in row.signals]))] for row in rows])
    area = float(auroc(np.ones((1, len(rows))), answerable, trust)[0])
    shown = trust > np.quantile(trust[~answerable], REFUSED)
    cells = (by_margin[answerable].mean(), right[answerable].mean(), area, (right & shown)[answerable].mean())
    return (
        f"| {name} | {len(rows):,} | "
        + " | ".join(f"{cell:.3f}" for cell in cells)
        + f" | {shown[answerable].mean():.3f} |"
    )


def at_threshold(threshold: float, sets: dict[str, list[Asked]], judged: dict[str, Judged]) -> str:
    """What the threshold does to each set, and what it gains on those fitted: right less wrong answers, a share."""
    cells, gains = [], []
    for name, (trust, right) in judged.items():
        shown = 1 / (1 + np.exp(-trust)) >= threshold
        unanswerable = np.array([not row.answerable for row in sets[name]])
        cells.append(f"{shown.mean():.3f}, {right[shown].mean():.3f}, {(~shown[unanswerable]).mean():.3f}")
        if name in TRUSTED_BY:
            gains.append((right & shown).mean() - (~right & shown).mean())
    return f"| {threshold:.2f} | {' | '.join(cells)} | {np.mean(gains):.3f} |"


def plain(model: Any, names: Sequence[str]) -> dict[str, Any]:
    """The weights for raw signals: the scaling is folded in."""
    scaler, logistic = model[0], model[-1]
    weights = logistic.coef_[0] / scaler.scale_
    bias = float(logistic.intercept_[0] - (weights * scaler.mean_).sum())
    return {"bias": round(bias, 4), "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)}}


if __name__ == "__main__":
    main()
