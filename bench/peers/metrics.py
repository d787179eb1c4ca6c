"""The metrics of src/metrics, exact: one point per distinct score, a single sort of all pixels."""

import numpy as np
from scipy import ndimage

EIGHT_CONNECTED = np.ones((3, 3), int)


def area_under(x: np.ndarray, y: np.ndarray) -> float:
    """Trapezoid rule."""
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1])) / 2)


def cumulative_at_distinct(scores: np.ndarray, *weights: np.ndarray) -> list[np.ndarray]:
    """For each weight array its sum over scores >= t, at every distinct t from high to low, from (0)."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)
    return [np.concatenate(([0.0], np.cumsum(w[order], dtype=np.float64)[last])) for w in weights]


def auroc(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """Area under the ROC curve; None where one class is missing."""
    positive = positive.astype(bool)
    hits, alarms = cumulative_at_distinct(scores, positive, ~positive)
    if hits[-1] == 0 or alarms[-1] == 0:
        return None
    return area_under(alarms / alarms[-1], hits / hits[-1])


def average_precision(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """As scikit-learn's average_precision_score; None where nothing is positive."""
    positive = positive.astype(bool)
    hits, alarms = cumulative_at_distinct(scores, positive, ~positive)
    if hits[-1] == 0:
        return None
    return float(np.sum(np.diff(hits) * (hits[1:] / (hits[1:] + alarms[1:]))) / hits[-1])


def f1_max(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """The best F1 over all thresholds; None where nothing is positive."""
    positive = positive.astype(bool)
    hits, alarms = cumulative_at_distinct(scores, positive, ~positive)
    if hits[-1] == 0:
        return None
    return float(np.max(2 * hits / (hits + alarms + hits[-1])))


def recall_at(scores: np.ndarray, positive: np.ndarray, rate: float) -> float | None:
    """The largest recall of a threshold that flags at most `rate` of the negatives; None where one class is missing."""
    positive = positive.astype(bool)
    hits, alarms = cumulative_at_distinct(scores, positive, ~positive)
    if hits[-1] == 0 or alarms[-1] == 0:
        return None
    return float(np.max(hits[alarms / alarms[-1] <= rate]) / hits[-1])


def region_weights(masks: np.ndarray) -> np.ndarray:
    """float64 [N, H, W]: 1 / (pixels of its region x number of regions) inside 8-connected regions, 0 elsewhere."""
    weights = np.zeros(masks.shape)
    regions = 0
    for mask, weight in zip(masks, weights):
        labels, count = ndimage.label(mask, EIGHT_CONNECTED)
        areas = np.bincount(labels.ravel()).astype(float)
        weight[mask] = 1 / areas[labels[mask]]
        regions += count
    return weights / max(regions, 1)


def aupro(maps: np.ndarray, masks: np.ndarray, fpr_limit: float = 0.3) -> float | None:
    """Area under mean recall over regions against the false-positive rate over all normal pixels of the set,
    up to `fpr_limit` with linear interpolation there, divided by it. None where no region or no normal
    pixel is left."""
    recall, alarms = cumulative_at_distinct(maps.ravel(), region_weights(masks).ravel(), ~masks.ravel())
    if recall[-1] == 0 or alarms[-1] == 0:
        return None
    fpr = alarms / alarms[-1]
    end = int(np.searchsorted(fpr, fpr_limit, side="right"))
    x, y = fpr[:end], recall[:end]
    if x[-1] < fpr_limit:
        at_limit = np.interp(fpr_limit, fpr[end - 1 : end + 1], recall[end - 1 : end + 1])
        x, y = np.append(x, fpr_limit), np.append(y, at_limit)
    return area_under(x, y) / fpr_limit
