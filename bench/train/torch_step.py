"""One training step of NFERD's student in PyTorch, the peer of src/nferd/trainStep.ts.

    torch_step.py FOLDER

FOLDER holds what bench/train/run.ts wrote. Then each line on stdin asks for that many steps, answered by one line
of JSON: {"ms": [...], "cpuMs": [...], "loss": [...]}. An empty line ends; the last answer is the weights'
sum of squares and the running average's.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

folder = Path(sys.argv[1])
setup = json.loads((folder / "setup.json").read_text())
torch.set_num_threads(setup["threads"])


def load(name):
    return torch.from_numpy(np.load(folder / f"{name}.npy"))


def unpack(vector):
    parts = torch.split(vector, [int(np.prod(dims)) for dims in setup["shapes"].values()])
    return {name: part.reshape(dims).clone() for part, (name, dims) in zip(parts, setup["shapes"].items())}


def standardise(x, statistics):
    mean, deviation = (torch.tensor(statistics[name]).reshape(1, -1, 1, 1) for name in ("mean", "deviation"))
    return x * (1 / deviation) + -mean / deviation


def spread(retrieved, like):
    size = like.shape[2:]
    return retrieved if retrieved.shape[2:] == size else F.interpolate(retrieved, size=size, mode="nearest")


def hafm(s, n, p, at):
    """out = s + conv1x1 [A_c * u; A_s * u], u = conv1x1 [s; n]."""
    u = F.conv2d(torch.cat([s, n], 1), p[f"hafm{at}.mix.w"], p[f"hafm{at}.mix.b"])

    def mlp(v):
        return torch.relu(v @ p[f"hafm{at}.squeeze.w"]) @ p[f"hafm{at}.excite.w"]

    channel = torch.sigmoid(mlp(u.mean((2, 3))) + mlp(u.amax((2, 3))))[:, :, None, None]
    planes = torch.cat([u.mean(1, keepdim=True), u.amax(1, keepdim=True)], 1)
    spatial = torch.sigmoid(F.conv2d(planes, p[f"hafm{at}.spatial.w"], p[f"hafm{at}.spatial.b"], padding=3))
    return s + F.conv2d(torch.cat([u * channel, u * spatial], 1), p[f"hafm{at}.out.w"], p[f"hafm{at}.out.b"])


def student(maps, retrieved, p):
    def conv(name, x, stride=1):
        weight = p[f"{name}.w"]
        return F.conv2d(x, weight, p[f"{name}.b"], stride, weight.shape[2] // 2)

    def block(name, x):
        return torch.relu(x + conv(f"{name}.z", torch.relu(conv(f"{name}.a", x))))

    def stage(at, x):
        size = maps[at - 1].shape[2:]
        features = block(f"block{at}", F.interpolate(torch.relu(conv(f"up{at}", x)), size=size, mode="nearest"))
        return features, hafm(conv(f"head{at}", features), retrieved[at - 1], p, at)

    fine = torch.relu(conv("down1b", torch.relu(conv("down1", maps[0], 2)), 2))
    middle = torch.relu(conv("down2", maps[1], 2))
    merged = torch.relu(conv("merge", torch.cat([fine, middle, maps[2]], 1)))
    code = block("code", torch.relu(conv("embed", merged, 2)))
    third, fused3 = stage(3, code)
    second, fused2 = stage(2, torch.cat([third, fused3], 1))
    _, fused1 = stage(1, torch.cat([second, fused2], 1))
    return fused1, fused2, fused3


def flattened_loss(teacher, rebuilt):
    error = (teacher - rebuilt).square().sum((1, 2, 3))
    return (error / (teacher.square().sum((1, 2, 3)) + 1e-6)).mean()


parameters = {name: value.requires_grad_() for name, value in unpack(load("theta")).items()}
weights = list(parameters.values())
ema = [weight.detach().clone() for weight in weights]
# The fused optimiser and the grouped average are the fastest that PyTorch has.
adam = torch.optim.Adam(weights, setup["learningRate"], betas=(0.5, 0.999), fused=True)
raw = [load(f"map{at}") for at in range(3)]
answers = [load(f"retrieved{at}") for at in range(3)]


def train_step(step):
    maps = [standardise(x, statistics) for x, statistics in zip(raw, setup["statistics"])]
    retrieved = [spread(answer, like) for answer, like in zip(answers, maps)]
    rebuilt = student(maps, retrieved, parameters)
    loss = sum(flattened_loss(map_, other) for map_, other in zip(maps, rebuilt))
    adam.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    adam.step()
    with torch.no_grad():
        torch._foreach_lerp_(ema, [weight.detach() for weight in weights], max(1 - (step + 1) / (step + 10), 0.01))
    return loss.item()


def answer(value):
    print(json.dumps(value), flush=True)


done = 0
answer({"torch": torch.__version__})
for line in sys.stdin:
    if not line.strip():
        break
    found = {"ms": [], "cpuMs": [], "loss": []}
    for _ in range(int(line)):
        start, used = time.perf_counter(), time.process_time()
        done += 1
        found["loss"].append(train_step(done))
        found["ms"].append((time.perf_counter() - start) * 1e3)
        found["cpuMs"].append((time.process_time() - used) * 1e3)
    answer(found)
groups = {"theta": weights, "ema": ema}
answer({name: sum(float(w.detach().double().square().sum()) for w in group) for name, group in groups.items()})
