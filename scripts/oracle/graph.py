"""PyTorch gradients for the vjp rules: test/fixtures/graph/gradients.json.

Each case is a small function of named inputs; the loss is sum(y * cos(index)). Run from the repository root:
  python scripts/oracle/graph.py
"""

import json
import math
from pathlib import Path

import torch
import torch.nn.functional as F

OUT = Path(__file__).resolve().parents[2] / "test/fixtures/graph/gradients.json"


def wave(shape, phase, scale=1.0, offset=0.0):
    """The inputs of a case, made alike in the test: offset + scale * sin(1.3 i^1.1 + 0.3 + phase)."""
    count = math.prod(shape)
    values = [offset + scale * math.sin(1.3 * i**1.1 + 0.3 + phase) for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


IMAGE = [2, 3, 6, 6]
POSITIVE = {"scale": 0.5, "offset": 1.0}
CASES = {
    "Add": ([[2, 3, 4], [3, 1]], lambda a, b: a + b),
    "Sub": ([[2, 3, 4], [1, 4]], lambda a, b: a - b),
    "Mul": ([[2, 3, 4], [3, 1]], lambda a, b: a * b),
    "Div": ([[2, 3, 4], [3, 1]], lambda a, b: a / b, POSITIVE),
    "Neg": ([[5]], lambda x: -x),
    "Pow": ([[2, 3], [3]], lambda a, b: a**b, POSITIVE),
    "Pow square": ([[2, 3]], lambda x: x**2),
    "Sqrt": ([[6]], torch.sqrt, POSITIVE),
    "Exp": ([[6]], torch.exp),
    "Log": ([[6]], torch.log, POSITIVE),
    "Abs": ([[6]], torch.abs),
    "Reciprocal": ([[6]], torch.reciprocal, POSITIVE),
    "Max": ([[2, 3], [3]], torch.maximum),
    "Min": ([[2, 3], [3]], torch.minimum),
    "Relu": ([[7]], torch.relu),
    "LeakyRelu": ([[7]], lambda x: F.leaky_relu(x, 0.2)),
    "Clip": ([[12]], lambda x: torch.clamp(x, -0.4, 0.5)),
    "Sigmoid": ([[6]], torch.sigmoid),
    "Tanh": ([[6]], torch.tanh),
    "Where": ([[2, 3], [2, 3], [1, 3]], lambda c, a, b: torch.where(c > 0, a, b)),
    "Softmax": ([[2, 5, 3]], lambda x: torch.softmax(x, 1)),
    "MatMul": ([[2, 3, 4], [2, 4, 5]], torch.matmul),
    "MatMul flat": ([[2, 3, 4], [4, 5]], torch.matmul),
    "MatMul broadcast": ([[3, 4], [2, 4, 5]], torch.matmul),
    "Gemm": ([[3, 4], [4, 5], [5]], lambda a, b, c: 0.5 * a @ b + 2 * c),
    "Gemm transA": ([[4, 3], [4, 5], [3, 1]], lambda a, b, c: a.T @ b + c),
    "Gemm transB": ([[3, 4], [5, 4], [3, 5]], lambda a, b, c: a @ b.T + c),
    "Gemm transAB": ([[4, 3], [5, 4]], lambda a, b: a.T @ b.T),
    "Transpose": ([[2, 3, 4]], lambda x: x.permute(2, 0, 1)),
    "Reshape": ([[2, 3, 4]], lambda x: x.reshape(6, 4)),
    "Unsqueeze Squeeze": ([[2, 3]], lambda x: x.unsqueeze(1).unsqueeze(3).squeeze(1)),
    "Slice": ([[3, 7, 5]], lambda x: x[1:3, 1:6:2, :].flip(2)),
    "Slice down": ([[9]], lambda x: x.flip(0)[1:8:3]),
    "Concat": ([[2, 3], [2, 2]], lambda a, b: torch.cat([a, b], 1)),
    "Split": ([[2, 5]], lambda x: x[:, :2].sum(1) * x[:, 2:].sum(1)),
    "Pad": ([[2, 3]], lambda x: F.pad(x, (1, -1, 2, 0))),
    "Expand": ([[2, 1, 3]], lambda x: x.expand(2, 4, 3)),
    "DepthToSpace": ([[1, 8, 2, 3]],
                     lambda x: x.reshape(1, 2, 2, 2, 2, 3).permute(0, 3, 4, 1, 5, 2).reshape(1, 2, 4, 6)),
    "SpaceToDepth": ([[1, 2, 4, 6]],
                     lambda x: x.reshape(1, 2, 2, 2, 3, 2).permute(0, 3, 5, 1, 2, 4).reshape(1, 8, 2, 3)),
    "Gather": ([[4, 3]], lambda x: x[torch.tensor([[0, 2], [2, 1]])]),
    "Gather inner": ([[2, 4, 3]], lambda x: x[:, torch.tensor([3, 0, 3])]),
    "GatherElements": ([[2, 4]], lambda x: torch.gather(x, 1, torch.tensor([[1, 1, 3], [0, 2, 2]]))),
    "TopK": ([[3, 6]], lambda x: torch.topk(x, 2, 1).values),
    "TopK smallest": ([[3, 6]], lambda x: torch.topk(x, 2, 1, largest=False).values),
    "ReduceSum": ([[2, 3, 4]], lambda x: x.sum((0, 2))),
    "ReduceMean": ([[2, 3, 4]], lambda x: x.mean(1, keepdim=True)),
    "ReduceMax": ([[2, 3, 4]], lambda x: x.amax((1, 2))),
    "ReduceMin": ([[2, 3, 4]], lambda x: x.amin(1)),
    "ReduceSumSquare": ([[2, 3, 4]], lambda x: (x * x).sum(1)),
    "Conv": ([IMAGE, [4, 3, 3, 3], [4]], lambda x, w, b: F.conv2d(x, w, b, padding=1)),
    "Conv 1x1": ([IMAGE, [4, 3, 1, 1], [4]], lambda x, w, b: F.conv2d(x, w, b)),
    "Conv 7x7": ([IMAGE, [1, 3, 7, 7]], lambda x, w: F.conv2d(x, w, padding=3)),
    "Conv stride 2": ([IMAGE, [4, 3, 3, 3]], lambda x, w: F.conv2d(x, w, stride=2, padding=1)),
    "Conv 1x1 stride 2": ([IMAGE, [4, 3, 1, 1]], lambda x, w: F.conv2d(x, w, stride=2)),
    "Conv wide pads": ([IMAGE, [4, 3, 1, 1]], lambda x, w: F.conv2d(x, w, padding=1)),
    "Conv dilated": ([IMAGE, [2, 3, 3, 2]], lambda x, w: F.conv2d(x, w, padding=(2, 0), dilation=2)),
    "Conv grouped": ([[2, 4, 5, 5], [6, 2, 3, 3]], lambda x, w: F.conv2d(x, w, padding=1, groups=2)),
    "Conv depthwise": ([[2, 4, 5, 5], [4, 1, 3, 3]], lambda x, w: F.conv2d(x, w, padding=1, stride=2, groups=4)),
    "ConvTranspose": ([[2, 3, 4, 4], [3, 4, 2, 2], [4]], lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2)),
    "ConvTranspose padded": (
        [[2, 3, 4, 4], [3, 4, 3, 3]],
        lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1),
    ),
    "MaxPool": ([IMAGE], lambda x: F.max_pool2d(x, 3, 2, 1)),
    "AveragePool": ([IMAGE], lambda x: F.avg_pool2d(x, 2)),
    "AveragePool padded": ([IMAGE], lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)),
    "GlobalAveragePool": ([IMAGE], lambda x: x.mean((2, 3), keepdim=True)),
    "Resize linear": ([[1, 2, 3, 4]], lambda x: F.interpolate(x, size=(6, 8), mode="bilinear", align_corners=False)),
    "Resize uneven": ([[1, 2, 5, 4]], lambda x: F.interpolate(x, size=(3, 7), mode="bilinear", align_corners=False)),
    "Resize nearest": ([[1, 2, 3, 4]], lambda x: F.interpolate(x, size=(6, 8), mode="nearest")),
    "Resize nearest, three times": ([[1, 2, 2, 3]], lambda x: F.interpolate(x, size=(6, 9), mode="nearest")),
    "InstanceNormalization": ([IMAGE, [3], [3]], lambda x, s, b: F.instance_norm(x, weight=s, bias=b)),
    "BatchNormalization": ([IMAGE, [3], [3]], lambda x, s, b: F.batch_norm(x, None, None, s, b, training=True)),
    "Identity Cast": ([[4]], lambda x: x * x),
}


def gradients(shapes, function, options=None):
    inputs = [wave(shape, phase, **(options or {})).requires_grad_() for phase, shape in enumerate(shapes)]
    y = function(*inputs)
    loss = (y * torch.cos(torch.arange(y.numel(), dtype=torch.float64)).reshape(y.shape)).sum()
    loss.backward()
    flat = lambda t: [float(f"{v:.6g}") for v in t.reshape(-1).tolist()]
    grads = [flat(t.grad) if t.grad is not None else None for t in inputs]
    result = {"output": list(y.shape), "loss": loss.item(), "gradients": grads}
    return {"inputs": shapes, "options": options or {}, **result}


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    cases = {name: gradients(*case) for name, case in CASES.items()}
    OUT.write_text(json.dumps(cases) + "\n")
    print(OUT, OUT.stat().st_size, "bytes", len(cases), "cases")
