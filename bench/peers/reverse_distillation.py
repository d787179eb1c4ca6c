"""anomalib's ReverseDistillationModel around a teacher that is no ResNet.

Loss, anomaly map, image score, optimiser and its learning rate are the library's, untouched. Bottleneck (`OCBE`) and
decoder (`ResNetDecoder`) are the library's classes in its ResNet-18 form (BasicBlock, two blocks a stage), subclassed
in what the teacher forces and no more:
  * 64, 128, 256 channels become the teacher's three (24, 40, 112 for EfficientNet-Lite0); the
    one-class embedding keeps 512. The bottleneck's two down-sampling branches thus go c1 → c2 → c3
    and c2 → c3, as the library's go 64 → 128 → 256.
  * the last block of each decoder stage ends without its ReLU (`keep_relu=True` leaves it):
    EfficientNet-Lite's maps are linear block outputs, half of them negative, that a decoder ending
    in ReLU could never reproduce; a ResNet's maps end in ReLU and so does the library's decoder.
"""

import torch
from anomalib.models.components.backbone.resnet_decoder import DecoderBasicBlock, ResNetDecoder
from anomalib.models.image.reverse_distillation.anomaly_map import AnomalyMapGenerationMode
from anomalib.models.image.reverse_distillation.components.bottleneck import OCBE, conv3x3
from anomalib.models.image.reverse_distillation.torch_model import ReverseDistillationModel
from torch import nn
from torchvision.models.resnet import BasicBlock

BLOCKS = 2


class LinearDecoderBlock(DecoderBasicBlock):
    """DecoderBasicBlock of stride 1 without the ReLU after the sum."""

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        return batch + self.bn2(self.conv2(self.relu(self.bn1(self.conv1(batch)))))


class Decoder(ResNetDecoder):
    """ResNetDecoder with the teacher's channels."""

    def __init__(self, channels: list[int], keep_relu: bool) -> None:
        self.planes_of = dict(zip((64, 128, 256), channels, strict=True))
        self.keep_relu = keep_relu
        super().__init__(DecoderBasicBlock, [BLOCKS] * 3)

    def _make_layer(self, block: type[DecoderBasicBlock], planes: int, blocks: int, stride: int = 1) -> nn.Sequential:
        planes = self.planes_of[planes]
        layer = super()._make_layer(block, planes, blocks, stride)
        if not self.keep_relu:
            layer[-1] = LinearDecoderBlock(planes, planes, norm_layer=self._norm_layer)
        return layer


class Bottleneck(OCBE):
    """OCBE with the teacher's channels: the layers that depend on them are made anew by the library's own functions."""

    def __init__(self, channels: list[int]) -> None:
        super().__init__(BasicBlock, BLOCKS)
        c1, c2, c3 = channels
        self.inplanes = c3
        self.bn_layer = self._make_layer(BasicBlock, 512, BLOCKS, stride=2)
        self.conv1, self.bn1 = conv3x3(c1, c2, 2), nn.BatchNorm2d(c2)
        self.conv2, self.bn2 = conv3x3(c2, c3, 2), nn.BatchNorm2d(c3)
        self.conv3, self.bn3 = conv3x3(c2, c3, 2), nn.BatchNorm2d(c3)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def build(teacher: nn.Module, size: int, keep_relu: bool) -> ReverseDistillationModel:
    """The library's model with encoder, bottleneck and decoder exchanged; map mode ADD, the
    Lightning module's default."""
    model = ReverseDistillationModel(
        backbone="resnet18",
        input_size=(size, size),
        layers=["layer1", "layer2", "layer3"],
        anomaly_map_mode=AnomalyMapGenerationMode.ADD,
        pre_trained=False,
    )
    model.encoder = teacher
    model.bottleneck = Bottleneck(teacher.channels)
    model.decoder = Decoder(teacher.channels, keep_relu)
    return model
