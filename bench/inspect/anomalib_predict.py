"""anomalib's own predict on a folder of images, with the bench's teacher.

    python bench/inspect/anomalib_predict.py TRAIN_FOLDER TRAIN_COUNT IMAGES THREADS [patchcore|reverse_distillation] [openvino]

PatchCore's bank is filled from the first images of TRAIN_FOLDER; reverse distillation keeps its first weights, which are as fast as
trained ones. Twice: with the loader that `Engine.predict` makes for a data set (one image a batch, this process reads), and with
batches of 32 and a reading process per thread. With `openvino` a third time: the model's OpenVINO export, run by OpenVINO itself on
pictures that Pillow reads and resizes (`OpenVINOInferencer` takes only ready ones). Prints one line of JSON: seconds of each, the images, versions.
"""

import json
import logging
import os
import sys
import time
import warnings
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
from torchvision.transforms.v2 import Compose, Normalize, Resize  # noqa: E402

import dataset  # noqa: E402
import patchcore  # noqa: E402
import reverse_distillation  # noqa: E402
from teacher import load_teacher, normalise  # noqa: E402

SIZE = 256
RATIO = 0.1


def main() -> None:
    train_folder, train_count, images, threads = sys.argv[1], *map(str, sys.argv[2:4]), int(sys.argv[4])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    logging.disable(logging.WARNING)
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
    name = sys.argv[5] if len(sys.argv) > 5 else "patchcore"
    if name == "patchcore":
        model = Patchcore(**settings)
        model.model = patchcore.build(teacher, 9, "gram").train()
        files = dataset.images_in(Path(train_folder))[: int(train_count)]
        pixels = torch.from_numpy(dataset.read_pixels(files, SIZE))
        with torch.no_grad():
            for batch in pixels.split(8):
                model.model(normalise(batch, teacher))
        model.model.subsample_embedding(RATIO)
    else:
        model = ReverseDistillation(**settings)
        model.model = reverse_distillation.build(teacher, SIZE, keep_relu=False)
    model.eval()

    def seconds(loader: DataLoader | None) -> float:
        engine = Engine(accelerator="cpu", devices=1, logger=False, enable_progress_bar=False, barebones=False)
        data = PredictDataset(images)
        given = {"dataset": data} if loader is None else {"dataloaders": loader}
        start = time.perf_counter()
        # As a user with a folder of thousands would: the maps of all of them do not fit into memory.
        engine.predict(model=model, return_predictions=False, **given)
        return time.perf_counter() - start

    def exported_seconds() -> float:
        import openvino

        engine = Engine(accelerator="cpu", devices=1, logger=False, enable_progress_bar=False, barebones=False)
        path = engine.export(model, ExportType.OPENVINO, export_root=Path.cwd() / name, input_size=(SIZE, SIZE))
        compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": threads})
        dimension = compiled.input(0).partial_shape[0]
        batch = dimension.get_length() if dimension.is_static else 1
        paths = sorted(Path(images).glob("*.*"))

        def run(some: list[Path]) -> None:
            pixels = [np.asarray(Image.open(one).convert("RGB").resize((SIZE, SIZE), Image.BILINEAR)) for one in some]
            compiled(np.stack(pixels).transpose(0, 3, 1, 2).astype(np.float32) / 255)

        run(paths[:batch])
        start = time.perf_counter()
        for at in range(0, len(paths), batch):
            run((paths[at : at + batch] + paths)[:batch])  # the last batch is filled up
        return time.perf_counter() - start

    data = PredictDataset(images)
    batches = DataLoader(data, batch_size=32, num_workers=threads, collate_fn=data.collate_fn)
    print(
        json.dumps(
            {
                "images": len(data),
                "default": seconds(None),
                "batches": seconds(batches),
                "entries": len(model.model.memory_bank) if name == "patchcore" else 0,
                **({"openvino": exported_seconds()} if "openvino" in sys.argv[6:] else {}),
                "versions": {"anomalib": anomalib_version, "torch": torch.__version__},
            }
        )
    )


if __name__ == "__main__":
    main()
