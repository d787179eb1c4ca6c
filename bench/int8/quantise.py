"""A teacher of models/ with 8-bit weights and activations, calibrated on normal images alone, and with 16-bit floats.

    python bench/int8/quantise.py TEACHER.onnx FOLDER COUNT SIZE OUT

Calibrated on the first COUNT images of FOLDER, SIZE pixels. Writes OUT/NAME.onnx for each kind of
ONNX Runtime's static quantisation (QDQ, a scale per channel of the weights): `u8s8`, `u8s8-7bit`
(weights of 7 bits, which processors without VNNI can add up without saturation), `u8u8`;
OUT/fp16.onnx in 16-bit floats but for inputs and outputs; and OUT/fp32.onnx, the same graph before
all that. For each quantised one OUT/NAME-float.onnx says what it does with 32-bit operators alone,
which our graph builder can take into a detector. Prints the names as one line of JSON.
"""

import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16

import dataset

KINDS = {
    "u8s8": {"weight_type": QuantType.QInt8},
    "u8s8-7bit": {"weight_type": QuantType.QInt8, "reduce_range": True},
    "u8u8": {"weight_type": QuantType.QUInt8},
}


class Normals(CalibrationDataReader):
    """One image at a time, normalised as the teacher's JSON says."""

    def __init__(self, pixels: np.ndarray, spec: dict) -> None:
        mean, scale = (np.array(spec[key], np.float32).reshape(1, 3, 1, 1) for key in ("mean", "scale"))
        self.feeds = iter([{spec["name"]: (one[None].astype(np.float32) - mean) / scale} for one in pixels])

    def get_next(self) -> dict | None:
        return next(self.feeds, None)


def in_floats(model: onnx.ModelProto) -> onnx.ModelProto:
    """Weights as they are after rounding; activations rounded by Div, Round, Clip, Mul."""
    graph = model.graph
    given = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    rounded: dict[str, tuple[str, float, float]] = {}
    constants: dict[str, np.ndarray] = {}
    nodes = []
    for node in graph.node:
        if node.op_type == "QuantizeLinear":
            x, scale, zero = node.input
            rounded[node.output[0]] = (x, float(given[scale]), float(given[zero]))
        elif node.op_type == "DequantizeLinear" and node.input[0] in given:
            weights, scale, zero = (given[name].astype(np.float32) for name in node.input)
            axis = next((attribute.i for attribute in node.attribute if attribute.name == "axis"), 0)
            shape = [-1 if at == axis and scale.size > 1 else 1 for at in range(weights.ndim)]
            constants[node.output[0]] = (weights - zero.reshape(shape)) * scale.reshape(shape)
        elif node.op_type == "DequantizeLinear":
            (x, scale, zero), out = rounded[node.input[0]], node.output[0]
            values = [("scale", scale), ("low", -zero), ("high", 255 - zero)]
            constants |= {f"{out}/{name}": np.float32(value) for name, value in values}
            clip = [f"{out}/1", f"{out}/low", f"{out}/high"]
            steps = [("Div", [x, f"{out}/scale"]), ("Round", [f"{out}/0"]), ("Clip", clip)]
            nodes += [helper.make_node(op, inputs, [f"{out}/{at}"]) for at, (op, inputs) in enumerate(steps)]
            nodes.append(helper.make_node("Mul", [f"{out}/2", f"{out}/scale"], [out]))
        else:
            nodes.append(node)
    used = {name for node in nodes for name in node.input}
    values = {name: value for name, value in (given | constants).items() if name in used}
    tensors = [numpy_helper.from_array(value, name) for name, value in values.items()]
    for at, node in enumerate(nodes):
        node.name = f"{node.op_type}/{at}"
    made = helper.make_graph(nodes, graph.name, graph.input, graph.output, tensors)
    return helper.make_model(made, opset_imports=model.opset_import, ir_version=model.ir_version)


def main() -> None:
    teacher, folder, out = (Path(sys.argv[at]) for at in (1, 2, 5))
    count, size = int(sys.argv[3]), int(sys.argv[4])
    logging.disable(logging.WARNING)
    spec = json.loads(teacher.with_suffix(".json").read_text())["input"]
    pixels = dataset.read_pixels(dataset.images_in(folder)[:count], size)
    prepared = out / "fp32.onnx"
    quant_pre_process(str(teacher), str(prepared))
    for name, settings in KINDS.items():
        quantize_static(
            str(prepared),
            str(out / f"{name}.onnx"),
            Normals(pixels, spec),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            per_channel=True,
            **settings,
        )
        onnx.save(in_floats(onnx.load(out / f"{name}.onnx")), out / f"{name}-float.onnx")
    onnx.save(convert_float_to_float16(onnx.load(prepared), keep_io_types=True), out / "fp16.onnx")
    print(json.dumps(["fp32", "fp16", *KINDS]))


if __name__ == "__main__":
    main()
