"""anomalib's own predict on a folder of images: PatchCore with the bench's teacher, trained on the first images of another folder.

    python bench/inspect/anomalib_predict.py TRAIN_FOLDER TRAIN_COUNT IMAGES THREADS

Twice: with the loader that `Engine.predict` makes for a data set (one image a batch, this process reads), and with batches of 32
and a reading process per thread. Prints one line of JSON: seconds of each, the images, versions.
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

import torch  # noqa: E402
from anomalib import __version__ as anomalib_version  # noqa: E402
from anomalib.data import PredictDataset  # noqa: E402
from anomalib.engine import Engine  # noqa: E402
from anomalib.models import Patchcore  # noqa: E402
from anomalib.pre_processing import PreProcessor  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402
from torchvision.transforms.v2 import Compose, Normalize, Resize  # noqa: E402

import dataset  # noqa: E402
import patchcore  # noqa: E402
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
    model = Patchcore(
        backbone="resnet18",
        pre_trained=False,
        pre_processor=PreProcessor(transform=transform),
        evaluator=False,
        visualizer=False,
    )
    model.model = patchcore.build(teacher, 9, "gram").train()
    files = dataset.images_in(Path(train_folder))[: int(train_count)]
    pixels = torch.from_numpy(dataset.read_pixels(files, SIZE))
    with torch.no_grad():
        for batch in pixels.split(8):
            model.model(normalise(batch, teacher))
    model.model.subsample_embedding(RATIO)
    model.eval()

    def seconds(loader: DataLoader | None) -> float:
        engine = Engine(accelerator="cpu", devices=1, logger=False, enable_progress_bar=False, barebones=False)
        data = PredictDataset(images)
        given = {"dataset": data} if loader is None else {"dataloaders": loader}
        start = time.perf_counter()
        # As a user with a folder of thousands would: the maps of all of them do not fit into memory.
        engine.predict(model=model, return_predictions=False, **given)
        return time.perf_counter() - start

    data = PredictDataset(images)
    batches = DataLoader(data, batch_size=32, num_workers=threads, collate_fn=data.collate_fn)
    print(
        json.dumps(
            {
                "images": len(data),
                "default": seconds(None),
                "batches": seconds(batches),
                "entries": len(model.model.memory_bank),
                "versions": {"anomalib": anomalib_version, "torch": torch.__version__},
            }
        )
    )


if __name__ == "__main__":
    main()
