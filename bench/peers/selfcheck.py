"""Checks what the peers rest on, in seconds and without data: python bench/peers/selfcheck.py [TEACHER.onnx]

AUROC, AP, F1-max and recall at a rate against scikit-learn, AUPRO against its definition threshold
by threshold, the fast coreset against the library's, that training leaves the teacher as it is,
and, where a teacher of models/ is given, its maps against the PyTorch module with the PyPI weights.
"""

import os
import sys
from pathlib import Path

os.environ["TQDM_DISABLE"] = "1"

import numpy as np  # noqa: E402
import torch  # noqa: E402
from scipy import ndimage  # noqa: E402
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve  # noqa: E402

import metrics  # noqa: E402


def aupro_by_definition(maps: np.ndarray, masks: np.ndarray, limit: float = 0.3) -> float:
    regions = []
    for image, mask in zip(maps, masks):
        labels, count = ndimage.label(mask, np.ones((3, 3)))
        regions += [image[labels == k] for k in range(1, count + 1)]
    points = [(0.0, 0.0)]
    for t in np.unique(maps)[::-1]:
        points.append(((maps[~masks] >= t).mean(), np.mean([(r >= t).mean() for r in regions])))
    area = 0.0
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        if x1 > limit:
            area += (limit - x0) * (y0 + y0 + (y1 - y0) * (limit - x0) / (x1 - x0)) / 2
            break
        area += (x1 - x0) * (y0 + y1) / 2
    return area / limit


def check_metrics(rng: np.random.Generator) -> None:
    for levels in (7, 40, 10**6):
        masks = rng.random((5, 12, 12)) > 0.8
        masks[0] = False
        maps = (rng.integers(0, levels, masks.shape) + levels // 3 * masks).astype(np.float32)
        for limit in (0.05, 0.3):
            ours, defined = metrics.aupro(maps, masks, limit), aupro_by_definition(maps, masks, limit)
            np.testing.assert_allclose(ours, defined, rtol=1e-12)
        scores, labels = maps.ravel(), masks.ravel()
        precision, recall, _ = precision_recall_curve(labels, scores)
        f1 = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
        fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
        np.testing.assert_allclose(metrics.f1_max(scores, labels), f1, rtol=1e-12)
        np.testing.assert_allclose(metrics.recall_at(scores, labels, 0.05), tpr[fpr <= 0.05].max(), rtol=1e-12)
        np.testing.assert_allclose(
            metrics.average_precision(scores, labels), average_precision_score(labels, scores), rtol=1e-12
        )
        np.testing.assert_allclose(
            metrics.auroc(maps.ravel(), masks.ravel()), roc_auc_score(masks.ravel(), maps.ravel()), rtol=1e-12
        )
    assert abs(metrics.aupro(masks.astype(float), masks) - 1) < 1e-12
    assert abs(metrics.aupro(np.zeros(masks.shape), masks) - 0.15) < 1e-12  # one point: the diagonal up to 0.3


def check_coreset() -> None:
    from anomalib.models.components import KCenterGreedy
    from patchcore import GramKCenterGreedy

    points = torch.randn(400, 60)
    picked = []
    for sampler in (KCenterGreedy, GramKCenterGreedy):
        torch.manual_seed(3)
        np.random.seed(3)
        picked.append(sampler(points, 0.2).select_coreset_idxs())
    assert picked[0] == picked[1], "the fast coreset selects other positions than the library's"


def check_frozen() -> None:
    """Both models in training mode leave the teacher's maps as they were."""
    import patchcore
    import reverse_distillation
    from teacher import load_teacher

    images = torch.rand(4, 3, 64, 64) * 2 - 1
    teacher = load_teacher("lite0", 64, 2)
    before = teacher(images)
    for model in (patchcore.build(teacher, 9, "gram"), reverse_distillation.build(teacher, 64, False)):
        model.train()(images)
        after = teacher(images)
        assert all(torch.equal(before[k], after[k]) for k in before), f"{type(model).__name__} changes the teacher"


def check_teacher(path: Path) -> None:
    from teacher import load_teacher

    images = torch.rand(2, 3, 96, 96) * 2 - 1
    ours = load_teacher(str(path), 96, 2)(images)
    theirs = load_teacher(path.stem.removeprefix("efficientnet-"), 96, 2)(images)
    for layer, maps in theirs.items():
        difference = (maps - ours[layer]).abs().max().item()
        print(f"{path.name} {layer} {list(maps.shape)} max abs diff {difference:.1e}")
        assert difference <= 1e-4


if __name__ == "__main__":
    check_metrics(np.random.default_rng(0))
    check_coreset()
    check_frozen()
    for name in sys.argv[1:]:
        check_teacher(Path(name))
    print("ok")
