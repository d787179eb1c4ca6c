"""The method's oracle. From the repository root:

  python scripts/oracle/nferd.py fixtures
      PyTorch, SciPy and NumPy on made-up numbers → test/fixtures/nferd/{hafm,maps}.json (needs torch, scipy)
  python scripts/oracle/nferd.py compare DETECTOR IMAGE.png MAP.npy
      runs DETECTOR/detector.onnx in Python's onnxruntime on an image of the detector's own input size, and
      compares with the map that Node computed; fails above 1e-4 (needs onnxruntime, numpy,
      pillow). `npm run check:python` does all of it.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/nferd"
LIMIT = 1e-4


def wave(shape, phase, scale=1.0):
    """Made alike in the tests: scale * sin(1.3 i^1.1 + 0.3 + phase)."""
    values = [scale * math.sin(1.3 * i**1.1 + 0.3 + phase) for i in range(math.prod(shape))]
    return np.array(values, dtype=np.float64).reshape(shape)


def listed(array):
    return [float(f"{v:.7g}") for v in np.asarray(array).reshape(-1)]


HAFM_SHAPE = [2, 6, 5, 8]
HAFM_HIDDEN = 8


def hafm(fusion):
    import torch
    import torch.nn.functional as F

    n, c, h, w = HAFM_SHAPE
    t = lambda shape, phase, scale=1.0: torch.from_numpy(wave(shape, phase, scale))
    s, near = t(HAFM_SHAPE, 1), t(HAFM_SHAPE, 2)
    u = F.conv2d(torch.cat([s, near], 1), t([c, 2 * c, 1, 1], 3, 0.5), t([c], 4, 0.5))
    found, attended = {}, [u] if fusion == "bank" else []
    if fusion in ("channel", "full"):
        squeeze, excite = t([c, HAFM_HIDDEN], 7, 0.5), t([HAFM_HIDDEN, c], 8, 0.5)
        mlp = lambda v: torch.relu(v @ squeeze) @ excite
        mean, most = F.adaptive_avg_pool2d(u, 1).flatten(1), F.adaptive_max_pool2d(u, 1).flatten(1)
        channel = torch.sigmoid(mlp(mean) + mlp(most))
        found["channel"] = listed(channel)
        attended.append(u * channel[:, :, None, None])
    if fusion in ("spatial", "full"):
        planes = torch.stack([u.mean(1), u.amax(1)], 1)
        spatial = torch.sigmoid(F.conv2d(planes, t([1, 2, 7, 7], 9, 0.5), t([1], 10, 0.5), padding=3))
        found["spatial"] = listed(spatial)
        attended.append(u * spatial)
    joined = torch.cat(attended, 1)
    found["map"] = listed(s + F.conv2d(joined, t([c, joined.shape[1], 1, 1], 5, 0.5), t([c], 6, 0.5)))
    return found


def maps():
    import torch
    import torch.nn.functional as F
    from scipy.ndimage import gaussian_filter

    blur = lambda x, sigma: gaussian_filter(x, sigma, mode="mirror", truncate=4)
    blurs = [(16, 16, 1.0), (9, 14, 2.5), (5, 5, 4.0), (3, 12, 0.7), (6, 7, 1.13)]
    teacher, student = wave([2, 3, 4, 5], 1), wave([2, 3, 4, 5], 2, 0.8)
    relative = ((teacher - student) ** 2).sum((1, 2, 3)) / (teacher**2).sum((1, 2, 3))
    stages = [([1, 1, 4, 4], 1, 1.0), ([1, 1, 8, 8], 2, 0.5), ([1, 1, 16, 16], 3, 0.0), ([1, 1, 2, 2], 4, 2.5)]
    grid, sigma = 16, 24.0
    total = sum(weight for _, _, weight in stages)
    up = lambda x: F.interpolate(torch.from_numpy(x), size=(grid, grid), mode="bilinear", align_corners=False).numpy()
    summed = sum(weight / total * up(wave(shape, phase)) for shape, phase, weight in stages)
    top = np.sort(wave([3, 1, 10, 20], 5).reshape(3, -1), 1)[:, ::-1]
    shares = [0, 0.001, 0.01, 0.0126, 0.5, 1]
    return {
        "gaussian": [
            {"height": h, "width": w, "sigma": s, "expected": listed(blur(wave([h, w], 7), s))} for h, w, s in blurs
        ],
        "loss": relative.mean(),
        "errorMap": listed(np.sqrt(((teacher - student) ** 2).mean(1))),
        "sumMaps": {
            "stages": [{"dims": shape, "phase": phase, "weight": weight} for shape, phase, weight in stages],
            "grid": grid,
            "sigma": sigma,
            "expected": listed(blur(summed[0, 0], sigma * grid / 256)),
        },
        "imageScore": [
            {"share": share, "expected": listed(top[:, : max(1, math.floor(share * 200 + 0.5))].mean(1))}
            for share in shares
        ],
    }


def whitening():
    count, channels = 30, 5
    rows = wave([count, channels], 3) + 0.5 * wave([count, 1], 4)
    shrunk = (rows.T @ rows / count + np.eye(channels)) / 2
    gaps = rows[:8, None] - rows[None, 8:16]
    squared = np.einsum("abi,ij,abj->ab", gaps, np.linalg.inv(shrunk), gaps)
    return {"rows": listed(rows), "channels": channels, "mahalanobis": listed(np.sqrt(squared))}


def fixtures():
    OUT.mkdir(parents=True, exist_ok=True)
    fusions = ("bank", "channel", "spatial", "full")
    parts = {"hafm": {fusion: hafm(fusion) for fusion in fusions}, "maps": maps(), "whitening": whitening()}
    for name, content in parts.items():
        path = OUT / f"{name}.json"
        path.write_text(json.dumps(content) + "\n")
        print(path, path.stat().st_size, "bytes")


def compare(detector, image, expected):
    import onnxruntime
    from PIL import Image

    record = json.loads((Path(detector) / "detector.json").read_text())
    size = record["config"]["inputSize"]
    pixels = np.asarray(Image.open(image).convert("RGB"), dtype=np.float32)
    if pixels.shape != (size, size, 3):
        sys.exit(f"{image}: {pixels.shape}; give one of {size}x{size}, so that no resizing takes part")
    session = onnxruntime.InferenceSession(str(Path(detector) / "detector.onnx"), providers=["CPUExecutionProvider"])
    found, score = session.run(["anomaly_map", "score"], {"image": pixels.transpose(2, 0, 1)[None]})
    wanted = np.load(expected)
    difference = float(np.abs(found[0, 0] - wanted).max())
    print(f"onnxruntime {onnxruntime.__version__} (Python): score {score[0]:.6f}, map {found.shape[-2:]}")
    print(f"max abs diff of the anomaly map: {difference:.3g} (at most {LIMIT:g})")
    sys.exit(0 if difference <= LIMIT else 1)


if __name__ == "__main__":
    commands = {"fixtures": (fixtures, 0), "compare": (compare, 3)}
    command, count = commands.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0))
    if command is None or len(sys.argv) != 2 + count:
        sys.exit(__doc__)
    command(*sys.argv[2:])
