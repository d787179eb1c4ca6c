"""Runs anomalib's own PatchCore or Reverse Distillation with the bench's teacher, images, size and test set.

    python bench/peers/anomalib_peer.py --method rd --data DIR --size 256 --seed 0 --steps 600 --out rd.json

Image scores and maps are those the library computes; the metrics (metrics.py) are ours, on maps of `size` pixels.
"""

import argparse
import json
import os
import random
import resource
import sys
import time
import warnings
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

if not sys.stderr.isatty():
    os.environ.setdefault("TQDM_DISABLE", "1")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from anomalib.models import ReverseDistillation  # noqa: E402
from anomalib.models.image.reverse_distillation.loss import ReverseDistillationLoss  # noqa: E402

import dataset  # noqa: E402
import metrics  # noqa: E402
import patchcore  # noqa: E402
import reverse_distillation  # noqa: E402
from teacher import load_teacher, normalise  # noqa: E402

PACKAGES = ("anomalib", "torch", "torchvision", "timm", "numpy", "scipy", "onnxruntime")


def parse() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--method", choices=("patchcore", "rd"), required=True)
    p.add_argument("--data", type=Path, required=True, help="folder in MVTec AD layout")
    p.add_argument("--out", type=Path, required=True, help="result JSON")
    p.add_argument("--maps-out", type=Path, help=".npz: maps float32 [N,H,W], scores, labels, paths")
    p.add_argument("--teacher", default="lite0", help="lite0, lite1, lite2 or a .onnx of models/")
    p.add_argument("--size", type=int, default=256, help="pixels, a multiple of 32")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--batch", type=int, default=32, help="anomalib's default: 32")
    p.add_argument("--limit-train", type=int)
    p.add_argument("--limit-test", type=int)
    rd = p.add_argument_group("rd")
    rd.add_argument("--steps", type=int, default=600)
    rd.add_argument("--lr", type=float, help="default: anomalib's, 0.005")
    rd.add_argument("--keep-relu", action="store_true",
                    help="leave the decoder's final ReLUs; see reverse_distillation.py")
    pc = p.add_argument_group("patchcore")
    pc.add_argument("--coreset-ratio", type=float, default=0.1)
    pc.add_argument("--max-coreset", type=int, help="at most so many entries")
    pc.add_argument("--coreset", choices=("gram", "library"), default="gram",
                    help="same selection, faster or as shipped")
    pc.add_argument("--neighbors", type=int, default=9)
    args = p.parse_args()
    if args.size % 32:
        p.error(f"--size {args.size}: give a multiple of 32")
    return args


def train_patchcore(args: argparse.Namespace, teacher: torch.nn.Module, pixels: torch.Tensor):
    """→ (model, what was done)."""
    model = patchcore.build(teacher, args.neighbors, args.coreset).train()
    with torch.no_grad():
        for batch in pixels.split(args.batch):
            model(normalise(batch, teacher))
    positions = sum(len(e) for e in model.embedding_store)
    size = min(int(positions * args.coreset_ratio), args.max_coreset or positions)
    if size < 1:
        raise SystemExit(f"--coreset-ratio {args.coreset_ratio}: no entry left of {positions} positions")
    model.subsample_embedding((size + 0.5) / positions)
    return model, {
        "positions": positions,
        "coresetRatio": args.coreset_ratio,
        "maxCoreset": args.max_coreset,
        "coresetSize": len(model.memory_bank),
        "coreset": args.coreset,
        "neighbors": args.neighbors,
        "layers": ["stride 8", "stride 16"],
    }


def train_rd(args: argparse.Namespace, teacher: torch.nn.Module, pixels: torch.Tensor):
    """→ (model, what was done). Epochs of shuffled batches, the last one short, as anomalib's data
    module has them."""
    model = reverse_distillation.build(teacher, args.size, args.keep_relu).train()
    loss_of = ReverseDistillationLoss()
    optimiser = ReverseDistillation.configure_optimizers(SimpleNamespace(model=model))
    for group in optimiser.param_groups:
        group["lr"] = args.lr or group["lr"]
    losses: list[float] = []
    while len(losses) < args.steps:
        for index in torch.randperm(len(pixels)).split(args.batch)[: args.steps - len(losses)]:
            loss = loss_of(*model(normalise(pixels[index], teacher)))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            if len(losses) % 50 == 0:
                print(f"step {len(losses)}/{args.steps} loss {np.mean(losses[-50:]):.4f}", file=sys.stderr)
    group = optimiser.param_groups[0]
    return model, {
        "steps": args.steps,
        "lr": group["lr"],
        "betas": list(group["betas"]),
        "keepRelu": args.keep_relu,
        "parameters": sum(p.numel() for m in (model.bottleneck, model.decoder) for p in m.parameters()),
        "lossFirst": losses[0] if losses else None,
        "lossLast": float(np.mean(losses[-20:])) if losses else None,
    }


def infer(model: torch.nn.Module, teacher: torch.nn.Module, pixels: torch.Tensor, batch: int):
    """→ maps float32 [N, H, W], scores [N], the library's own."""
    model.eval()
    maps, scores = [], []
    with torch.no_grad():
        for part in pixels.split(batch):
            out = model(normalise(part, teacher))
            maps.append(out.anomaly_map[:, 0].numpy())
            scores.append(out.pred_score.reshape(len(part)).numpy())
    return np.concatenate(maps), np.concatenate(scores)


def main() -> None:
    args = parse()
    torch.set_num_threads(args.threads)

    train = dataset.train_images(args.data, args.limit_train)
    test = dataset.test_images(args.data, args.limit_test)
    teacher = load_teacher(args.teacher, args.size, args.threads)
    # After the teacher: a module's constructor draws random numbers, an ONNX session does not.
    random.seed(args.seed)
    np.random.seed(args.seed)
    torch.manual_seed(args.seed)
    pixels = torch.from_numpy(dataset.read_pixels(train, args.size))
    test_pixels = torch.from_numpy(dataset.read_pixels([p for p, _ in test], args.size))
    masks = dataset.read_masks(test, args.data, args.size)
    labels = np.array([label for _, label in test])

    start = time.perf_counter()
    model, done = {"patchcore": train_patchcore, "rd": train_rd}[args.method](args, teacher, pixels)
    trained = time.perf_counter()
    maps, scores = infer(model, teacher, test_pixels, 8)
    inferred = time.perf_counter()

    result = {
        "method": f"anomalib-{args.method}",
        "config": {
            "data": args.data.name,
            "teacher": Path(args.teacher).name,
            "channels": teacher.channels,
            "size": args.size,
            "seed": args.seed,
            "threads": args.threads,
            "batch": args.batch,
            "trainImages": len(train),
            "testImages": len(test),
            "anomalousTestImages": int(labels.sum()),
            **done,
        },
        "versions": {"python": sys.version.split()[0], **{name: version(name) for name in PACKAGES}},
        "seconds": {"train": round(trained - start, 3), "infer": round(inferred - trained, 3)},
        "peakRssMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "metrics": {
            "imageAuroc": metrics.auroc(scores, labels),
            "recallAt5": metrics.recall_at(scores, labels, 0.05),
            "pixelAuroc": metrics.auroc(maps.ravel(), masks.ravel()),
            "aupro": metrics.aupro(maps, masks),
            "aupro05": metrics.aupro(maps, masks, 0.05),
            "pixelAp": metrics.average_precision(maps.ravel(), masks.ravel()),
            "pixelF1Max": metrics.f1_max(maps.ravel(), masks.ravel()),
        },
    }
    if args.maps_out:
        args.maps_out.parent.mkdir(parents=True, exist_ok=True)
        names = np.array([str(p.relative_to(args.data)) for p, _ in test])
        np.savez(args.maps_out, maps=maps, scores=scores, labels=labels, paths=names)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    part = args.out.with_name(args.out.name + ".part")
    part.write_text(json.dumps(result, indent=2) + "\n")
    part.replace(args.out)
    print(json.dumps(result["metrics"]))


if __name__ == "__main__":
    main()
