"""anomalib's own predict on a folder of images, with the bench's teacher.

    python bench/inspect/anomalib_predict.py TRAIN_FOLDER TRAIN_COUNT IMAGES THREADS \
        [patchcore|reverse_distillation] [openvino]

PatchCore's bank is filled from the first images of TRAIN_FOLDER; reverse distillation keeps its
first weights, which are as fast as trained ones. Twice: with the loader that `Engine.predict` makes
for a data set (one image a batch, this process reads), and with batches of 32 and a reading process
per thread. With `openvino` a third time: the model's OpenVINO export, run by OpenVINO itself on
pictures that Pillow reads and resizes (`OpenVINOInferencer` takes only ready ones). Prints one line
of JSON: of each the seconds, of them `decode` (waiting for the loader, resizing) and `model` (the
forward pass with the map), and the peak memory of the process, its readers included; seconds to
make the bank, and from the process's start to its first result; the images, versions.
"""

import json
import logging
import os
import sys
import time
import warnings
from functools import partial
from pathlib import Path

os.environ.setdefault("TQDM_DISABLE", "1")
warnings.simplefilter("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "peers"))

import numpy as np  # noqa: E402
import torch  # noqa: E402
from anomalib import __version__ as anomalib_version  # noqa: E402
from anomalib.data import PredictDataset  # noqa: E402
from anomalib.engine import Engine  # noqa: E402
from anomalib.deploy import ExportType  # noqa: E402
from anomalib.models import Patchcore, ReverseDistillation  # noqa: E402
from anomalib.pre_processing import PreProcessor  # noqa: E402
from PIL import Image  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402
from torch.utils.data.dataloader import _BaseDataLoaderIter  # noqa: E402
from torchvision.transforms.v2 import Compose, Normalize, Resize  # noqa: E402

import dataset  # noqa: E402
import patchcore  # noqa: E402
import reverse_distillation  # noqa: E402
from ways import Clock, Memory, measured, since_start  # noqa: E402
from teacher import load_teacher, normalise  # noqa: E402

SIZE = 256
RATIO = 0.1


def build(name: str, threads: int):
    """→ (teacher, the Lightning module around anomalib's model on it)."""
    teacher = load_teacher("lite0", SIZE, threads)
    transform = Compose(
        [
            Resize((SIZE, SIZE), antialias=True),
            Normalize(mean=[m / 255 for m in teacher.mean], std=[s / 255 for s in teacher.scale]),
        ]
    )
    settings = {
        "backbone": "resnet18",
        "pre_trained": False,
        "pre_processor": PreProcessor(transform=transform),
        "evaluator": False,
        "visualizer": False,
    }
    if name == "patchcore":
        model = Patchcore(**settings)
        model.model = patchcore.build(teacher, 9, "gram")
    else:
        model = ReverseDistillation(**settings)
        model.model = reverse_distillation.build(teacher, SIZE, keep_relu=False)
    return teacher, model


def fill_bank(model: torch.nn.Module, teacher: torch.nn.Module, files: list[Path]) -> None:
    pixels = torch.from_numpy(dataset.read_pixels(files, SIZE))
    model.train()
    with torch.no_grad():
        for batch in pixels.split(8):
            model(normalise(batch, teacher))
    model.subsample_embedding(RATIO)


def engine() -> Engine:
    return Engine(accelerator="cpu", devices=1, logger=False, enable_progress_bar=False, barebones=False)


def predict(model, loader: DataLoader, *_: object) -> None:
    # As a user with a folder of thousands would: the maps of all of them do not fit into memory.
    engine().predict(model=model, dataloaders=loader, return_predictions=False)


def exported(compiled, images: Path, clock: Clock, _: Memory) -> None:
    """The OpenVINO model on every image, the last batch filled up."""
    dimension = compiled.input(0).partial_shape[0]
    size = dimension.get_length() if dimension.is_static else 1
    paths = sorted(images.glob("*.*"))
    for at in range(0, len(paths), size):
        with clock.part("decode"):
            some = (paths[at : at + size] + paths)[:size]
            pixels = [np.asarray(Image.open(one).convert("RGB").resize((SIZE, SIZE), Image.BILINEAR)) for one in some]
            batch = np.stack(pixels).transpose(0, 3, 1, 2).astype(np.float32) / 255
        with clock.part("model"):
            compiled(batch)


def export(model, name: str, threads: int):
    import openvino

    path = engine().export(model, ExportType.OPENVINO, export_root=Path.cwd() / name, input_size=(SIZE, SIZE))
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": threads})
    shape = [dim.get_length() if dim.is_static else 1 for dim in compiled.input(0).partial_shape]
    compiled(np.zeros(shape, np.float32))
    return compiled


def main() -> None:
    train_folder, train_count = Path(sys.argv[1]), int(sys.argv[2])
    images, threads = Path(sys.argv[3]), int(sys.argv[4])
    name, *more = sys.argv[5:] or ["patchcore"]
    imported = since_start()
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    logging.disable(logging.WARNING)
    start = time.perf_counter()
    teacher, model = build(name, threads)
    built = time.perf_counter() - start
    found: dict[str, object] = {}
    if name == "patchcore":
        start = time.perf_counter()
        fill_bank(model.model, teacher, dataset.images_in(train_folder)[:train_count])
        found = {"entries": len(model.model.memory_bank), "trainSeconds": time.perf_counter() - start}
    model.eval()

    def loader(path: Path, **how: int) -> DataLoader:
        data = PredictDataset(path)
        return DataLoader(data, collate_fn=data.collate_fn, **how)

    parts = [
        (_BaseDataLoaderIter, "__next__", "decode"),
        (PreProcessor, "on_predict_batch_start", "decode"),
        (type(model.model), "forward", "model"),
    ]
    start = time.perf_counter()
    predict(model, loader(next(images.glob("*.*"))))
    found["startSeconds"] = imported + built + time.perf_counter() - start
    found["default"] = measured(partial(predict, model, loader(images)), *parts)
    found["batches"] = measured(partial(predict, model, loader(images, batch_size=32, num_workers=threads)), *parts)
    if "openvino" in more:
        found["openvino"] = measured(partial(exported, export(model, name, threads), images))
    versions = {"anomalib": anomalib_version, "torch": torch.__version__}
    print(json.dumps({"images": len(PredictDataset(images)), "entries": 0, **found, "versions": versions}))


if __name__ == "__main__":
    main()
