"""Twenty PyTorch steps of a small student: test/fixtures/graph/training.json.

The same student, weights, batches and optimiser are in test/unit/graph/training.test.ts. Run from the repository root:
  python scripts/oracle/graphTraining.py
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/graph/training.json"
STEPS, PEAK, CLIP, DECAY = 20, 0.02, 0.1, 0.9
SHAPES = {
    "stem": [8, 3, 3, 3],
    "scale": [8],
    "bias": [8],
    "up": [8, 8, 2, 2],
    "fuse": [8, 12, 1, 1],
    "channel": [8, 4],
    "expand": [4, 8],
    "spatial": [1, 2, 7, 7],
    "out": [6, 8, 3, 3],
    "outBias": [6],
}


def wave(shape, phase, scale=1.0, offset=0.0):
    values = [offset + scale * math.sin(1.3 * i**1.1 + 0.3 + phase) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def student(p, image, bank):
    x = F.conv2d(image, p["stem"], stride=2, padding=1)
    x = F.relu(F.batch_norm(x, None, None, p["scale"], p["bias"], training=True))
    x = F.conv_transpose2d(x, p["up"], stride=2)
    rows = F.normalize(x.permute(0, 2, 3, 1).reshape(-1, 8), dim=1, eps=1e-12)
    near = torch.topk(rows @ bank[:, :8].T, 3, dim=1)
    picked = (torch.softmax(near.values / 0.1, 1).unsqueeze(2) * bank[near.indices][:, :, 8:]).sum(1)
    picked = picked.reshape(x.shape[0], x.shape[2], x.shape[3], 4).permute(0, 3, 1, 2)
    u = F.conv2d(torch.cat([x, picked], 1), p["fuse"])
    mlp = lambda v: F.relu(v @ p["channel"]) @ p["expand"]
    a = torch.sigmoid(mlp(u.mean((2, 3))) + mlp(u.amax((2, 3))))[:, :, None, None]
    s = torch.sigmoid(F.conv2d(torch.cat([u.mean(1, True), u.amax(1, True)], 1), p["spatial"], padding=3))
    x = x + a * u + s * u
    x = F.interpolate(x, size=(12, 12), mode="bilinear", align_corners=False)
    return F.conv2d(x, p["out"], p["outBias"], padding=1)


def main():
    params = {
        name: wave(shape, at, 0.3, 1.0 if name == "scale" else 0.0).requires_grad_()
        for at, (name, shape) in enumerate(SHAPES.items())
    }
    bank = F.normalize(wave([16, 12], 50), dim=1)
    bank = torch.cat([F.normalize(bank[:, :8], dim=1), bank[:, 8:]], 1)
    ema = {name: value.detach().clone() for name, value in params.items()}
    adam = torch.optim.Adam(params.values(), lr=PEAK, betas=(0.5, 0.999), eps=1e-8)
    losses, norms = [], []
    for step in range(1, STEPS + 1):
        image, target = wave([2, 3, 8, 8], 100 + step), wave([2, 6, 12, 12], 200 + step % 3)
        adam.param_groups[0]["lr"] = PEAK * (1 + math.cos(math.pi * (step - 1) / STEPS)) / 2
        loss = (1 - F.cosine_similarity(student(params, image, bank).flatten(1), target.flatten(1))).mean()
        adam.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(params.values(), CLIP).item())
        adam.step()
        decay = min(DECAY, (1 + step) / (10 + step))
        for name, value in params.items():
            ema[name].lerp_(value.detach(), 1 - decay)
        losses.append(loss.item())
    flat = lambda tensors: torch.cat([t.detach().reshape(-1) for t in tensors.values()])
    sums = {name: float(value.double().sum()) for name, value in ema.items()}
    OUT.write_text(json.dumps({"losses": losses, "norms": norms, "ema": sums, "count": flat(params).numel()}) + "\n")
    print(losses[0], losses[-1], norms[:3], OUT.stat().st_size)


main()
