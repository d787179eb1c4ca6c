"""Writes test/fixtures/metrics/*.json: what scikit-learn, SciPy, scikit-image and a plain reference AUPRO say.

Scores are stored as whole numbers over a power of two, so that a float32 holds them exactly.
Run: python scripts/oracle/metrics.py   (needs numpy, scipy, scikit-learn, scikit-image; anomalib and torch to compare)
"""

import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest
from skimage.measure import label
from sklearn import metrics

OUT = Path(__file__).parents[2] / "test/fixtures/metrics"


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")


# ---- scores with one label each ----

RATES = [0, 0.05, 0.3, 1]


def score_cases():
    rng = np.random.default_rng(1)
    for name, n, scale, levels in [
        ("no ties", 60, 4096, None),
        ("many ties", 80, 16, 9),
        ("two levels", 30, 2, 2),
        ("large", 700, 1024, 300),
        ("tiny and huge", 40, 2.0**40, "wide"),
    ]:
        labels = (rng.random(n) < 0.3).astype(int)
        if levels is None:
            whole = rng.permutation(n) * 7 - 100
        elif levels == "wide":
            whole = (rng.choice([-1, 1], n) * 2.0 ** rng.integers(0, 80, n)).astype(object)
            whole = np.array([int(w) for w in whole], dtype=object)
        else:
            whole = rng.integers(-levels // 2, levels - levels // 2, n) + labels * (levels // 4)
        yield name, whole, scale, labels
    half = np.arange(20) % 2
    yield "all equal", np.full(20, 3), 4, half
    yield "perfect", half * 10 + np.arange(20) % 5, 8, half
    yield "inverted", -(half * 10 + np.arange(20) % 5), 8, half
    yield "one anomalous", np.arange(15), 8, (np.arange(15) == 11).astype(int)
    yield "one normal", np.arange(15), 8, (np.arange(15) != 11).astype(int)
    yield "signed zeros", np.array([0, 0, 0, 1, -1, 0]), 1, np.array([1, 0, 1, 1, 0, 0])


def scores():
    cases = []
    for name, whole, scale, y in score_cases():
        s = np.array([float(w) / scale for w in whole])
        assert (s == s.astype(np.float32)).all()
        precision, recall, thresholds = metrics.precision_recall_curve(y, s)
        fpr, tpr, roc_thresholds = metrics.roc_curve(y, s, drop_intermediate=False)
        f1 = np.array([metrics.f1_score(y, s >= t) for t in thresholds])
        best = max(np.flatnonzero(f1 >= f1.max() - 1e-12))  # the highest threshold of several
        at = s[len(s) // 3]
        tn, fp, fn, tp = metrics.confusion_matrix(y, s > at, labels=[0, 1]).ravel().tolist()
        small = len(s) <= 100
        cases.append(
            dict(
                name=name,
                scores=[str(w) for w in whole] if name == "tiny and huge" else [int(w) for w in whole],
                scale=scale,
                labels=y.tolist(),
                auroc=metrics.roc_auc_score(y, s),
                averagePrecision=metrics.average_precision_score(y, s),
                f1Max=dict(
                    f1=f1[best],
                    flagsFrom=thresholds[best],
                    flagsNot=thresholds[best - 1] if best else None,
                    precision=precision[best],
                    recall=recall[best],
                ),
                confusion=dict(threshold=at, counts=[tp, fp, tn, fn]),
                recallAt=[[rate, float(tpr[fpr <= rate].max())] for rate in RATES],
                roc=[fpr.tolist(), tpr.tolist(), roc_thresholds[1:].tolist()] if small else None,
                precisionRecall=[precision.tolist(), recall.tolist(), thresholds.tolist()] if small else None,
            )
        )
    write("scores", cases)


# ---- anomaly maps ----


def reference_pro(maps, masks):
    """The PRO curve straight from its definition: for every distinct score, look at every pixel."""
    regions = []
    for i, mask in enumerate(masks):
        numbered = label(mask, connectivity=2)
        regions += [(i, numbered == r) for r in range(1, numbered.max() + 1)]
    normal = np.concatenate([m[k == 0] for m, k in zip(maps, masks)])
    fpr, pro = [0.0], [0.0]
    for t in np.unique(np.concatenate([m.ravel() for m in maps]))[::-1]:
        fpr.append(np.mean(normal >= t))
        pro.append(np.mean([np.mean(maps[i][region] >= t) for i, region in regions]))
    return np.array(fpr), np.array(pro)


def reference_aupro(fpr, pro, limit):
    inside = fpr <= limit
    x, y = fpr[inside], pro[inside]
    if not inside.all():
        i = len(x)
        y_limit = y[-1] + (pro[i] - y[-1]) * (limit - x[-1]) / (fpr[i] - x[-1])
        x, y = np.append(x, limit), np.append(y, y_limit)
    return float(np.trapezoid(y, x) / limit)


def pixel_cases():
    rng = np.random.default_rng(2)
    for name, n, height, width, distinct in [
        ("no ties", 4, 15, 20, None),
        ("many ties", 5, 12, 17, 12),
        ("coarse", 3, 10, 10, 3),
    ]:
        masks = np.zeros((n, height, width), int)
        for k in range(1, n):  # image 0 is normal
            masks[k, 2:5, 3 : 3 + 2 * k] = 1
            masks[k, 5, 3 + 2 * k] = 1  # touches the first by a corner
            masks[k, height - 2, :k] = 1
            masks[k, height - 3, width - 1] = 1
        if distinct is None:
            whole = np.argsort(np.argsort((rng.random(masks.shape) + 0.4 * masks).ravel())).reshape(masks.shape)
        else:
            whole = rng.integers(0, distinct, masks.shape) + masks * (distinct // 4)
        yield name, whole, 64, masks
    flat = np.zeros((2, 6, 6), int)
    flat[1, 1:3, 1:3] = 1
    yield "all equal", np.full(flat.shape, 5), 8, flat
    yield "perfect", flat * 8 + 1, 8, flat
    speck = np.zeros((2, 5, 7), int)
    speck[1, 2, 3] = 1
    yield "one pixel", (np.arange(speck.size) * 29 % 31).reshape(speck.shape) + speck * 5, 8, speck


def anomalib_aupro(maps, masks, limit):
    import torch
    from anomalib.metrics.aupro import _AUPRO

    metric = _AUPRO(fpr_limit=limit)
    metric.update(torch.tensor(maps, dtype=torch.float32), torch.tensor(masks))
    return float(metric.compute())


def pixels():
    cases = []
    for name, whole, scale, masks in pixel_cases():
        maps = whole / scale
        fpr, pro = reference_pro(maps, masks)
        limits = [0.05, 0.3, 1.0]
        ours = [reference_aupro(fpr, pro, limit) for limit in limits]
        try:
            theirs = [anomalib_aupro(maps, masks, limit) for limit in limits]
            print(f"{name}: AUPRO {ours}, anomalib's differs by {[a - b for a, b in zip(theirs, ours)]}")
        except ImportError:
            print(f"{name}: AUPRO {ours}; anomalib is not installed")
        y, s = masks.ravel(), maps.ravel()
        precision, recall, _ = metrics.precision_recall_curve(y, s)
        # At a value that pixels have, between two, above all and below all.
        distinct = np.unique(s)
        at = [distinct[len(distinct) // 2], distinct[len(distinct) // 3] + 1 / (4 * scale), s.max(), s.min() - 1]
        cases.append(
            dict(
                name=name,
                height=masks.shape[1],
                width=masks.shape[2],
                scale=scale,
                maps=whole.reshape(len(whole), -1).tolist(),
                masks=masks.reshape(len(masks), -1).tolist(),
                auroc=metrics.roc_auc_score(y, s),
                averagePrecision=metrics.average_precision_score(y, s),
                f1Max=float(np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))),
                overlap=[[t, metrics.f1_score(y, s > t), metrics.jaccard_score(y, s > t)] for t in at],
                aupro=[[limit, value] for limit, value in zip(limits, ours)],
                pro=[fpr.tolist(), pro.tolist()] if len(fpr) < 100 else None,
            )
        )
    write("pixels", cases)


# ---- regions and intervals ----


def components():
    rng = np.random.default_rng(3)
    cases = []
    for height, width, density in [(1, 1, 1), (1, 12, 0.5), (12, 1, 0.5), (9, 13, 0.25), (16, 16, 0.4), (20, 7, 0.6)]:
        mask = (rng.random((height, width)) < density).astype(int)
        rows = ["".join(map(str, row)) for row in mask.tolist()]
        cases.append(dict(rows=rows, labels=label(mask, connectivity=2).ravel().tolist()))
    write("components", cases)


def intervals():
    cases = []
    small = [(0, 1), (1, 1), (0, 41), (1, 41), (3, 41), (41, 41), (20, 40)]
    for k, n in [*small, (7, 1000), (999, 1000), (123456, 1000000)]:
        for confidence in [0.5, 0.9, 0.95, 0.999]:
            test = binomtest(k, n)
            ends = {m: test.proportion_ci(confidence, method=m) for m in ["wilson", "exact"]}
            cases.append([k, n, confidence, *(float(e) for m in ends.values() for e in (m.low, m.high))])
    write("intervals", cases)


if __name__ == "__main__":
    scores()
    pixels()
    components()
    intervals()
