"""Fixtures for the teachers, into test/fixtures/teacher: PyTorch's maps, to compare ONNX Runtime's with.

    python scripts/oracle/teacher.py

- efficientnet-lite0.safetensors: all three maps of the 32x64 pattern, computed in double precision.
- resnet18.json, wide_resnet50_2.json: names and shapes of torchvision's checkpoints.
- resnet18.safetensors, narrow_resnet50.safetensors: torchvision's layer1..3 of the pattern (every fifth value), with
  formula-made weights (`values`) that test/unit/teacher/formulaWeights.ts makes identically. The narrow one is
  wide_resnet50_2 with bottlenecks of 4 channels instead of 128.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.numpy import save_file
from torchvision.models import resnet18, wide_resnet50_2
from torchvision.models.resnet import Bottleneck, ResNet

root = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(root / "scripts" / "teacher"))
import makeEfficientNetLite as lite  # noqa: E402

out = root / "test" / "fixtures" / "teacher"
EVERY = 5


def uniform(count, seed):
    """Reproducible numbers in [0, 1): 32-bit integer hash of index and seed."""
    x = (np.arange(count, dtype=np.uint64) * 2654435761 + seed * 40503) % 2**32
    for _ in range(2):
        x = ((x >> 16) ^ x) * 0x45D9F3B % 2**32
    return ((x >> 16) ^ x).astype(np.float64) / 2**32


def values(name, shape, seed):
    """He-scaled convolutions, batch norms near the identity."""
    u = uniform(int(np.prod(shape)), seed).reshape(shape)
    if len(shape) > 1:
        return (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    kind = name.split(".")[-1]
    return {"weight": 0.5 + u, "bias": u - 0.5, "running_mean": 0.2 * (u - 0.5), "running_var": 0.5 + u}[kind]


def entries(net):
    return [(name, list(tensor.shape)) for name, tensor in net.state_dict().items()]


def maps(net, image):
    state = {
        name: torch.from_numpy(np.asarray(values(name, shape, seed), np.float32))
        for seed, (name, shape) in enumerate(entries(net))
        if not name.endswith("num_batches_tracked")
    }
    net.load_state_dict(state, strict=False)
    net = net.double().eval()
    with torch.no_grad():
        x = net.maxpool(net.relu(net.bn1(net.conv1(torch.from_numpy(image).double()))))
        found = []
        for layer in (net.layer1, net.layer2, net.layer3):
            x = layer(x)
            found.append(x.numpy())
    return found


def save(name, found, every):
    flat = {f"stage{i + 1}": np.ascontiguousarray(m.reshape(-1)[::every], np.float32) for i, m in enumerate(found)}
    save_file(flat, out / f"{name}.safetensors")
    print(name, {k: (v.shape, float(np.abs(v).max())) for k, v in flat.items()})


out.mkdir(parents=True, exist_ok=True)
net, _ = lite.load(0)
save("efficientnet-lite0", lite.stages(net.double(), torch.from_numpy(lite.pattern(32, 64)).double()), 1)
for name, make in (("resnet18", resnet18), ("wide_resnet50_2", wide_resnet50_2)):
    lines = ",\n".join(json.dumps(entry) for entry in entries(make()))
    (out / f"{name}.json").write_text(f"[\n{lines}\n]\n")
save("resnet18", maps(resnet18(), lite.pattern(32, 64)), EVERY)
save("narrow_resnet50", maps(ResNet(Bottleneck, [3, 4, 6, 3], width_per_group=4), lite.pattern(32, 32)), EVERY)
