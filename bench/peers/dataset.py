"""MVTec AD layout: train/good/*, test/<type>/*, ground_truth/<type>/<stem>_mask.png."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

EXTENSIONS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}


def images_in(folder: Path) -> list[Path]:
    """Image files directly in `folder`, sorted by name; empty if there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in EXTENSIONS)


def evenly(items: list, limit: int | None) -> list:
    """`limit` items spread evenly over the list, so that a small subset of a test set has every defect type."""
    if not limit or limit >= len(items):
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, limit).round().astype(int)]


def train_images(root: Path, limit: int | None = None) -> list[Path]:
    """The normal images to train on."""
    paths = evenly(images_in(root / "train" / "good"), limit)
    if not paths:
        raise SystemExit(f"{root}: no images in train/good; give a folder in MVTec AD layout")
    return paths


def test_images(root: Path, limit: int | None = None) -> list[tuple[Path, int]]:
    """(path, label) of the test images; the label comes from the folder: `good` is 0, anything else 1."""
    types = sorted(p for p in (root / "test").iterdir() if p.is_dir()) if (root / "test").is_dir() else []
    items = evenly([(p, int(t.name != "good")) for t in types for p in images_in(t)], limit)
    if len({label for _, label in items}) < 2:
        raise SystemExit(f"{root}: test/ needs images in good/ and in at least one defect folder")
    return items


def read_pixels(paths: list[Path], size: int) -> np.ndarray:
    """uint8 [N, 3, size, size]: RGB, EXIF rotation applied, stretched to a square by antialiased bilinear."""
    out = np.empty((len(paths), 3, size, size), np.uint8)
    for i, path in enumerate(paths):
        with Image.open(path) as file:
            image = ImageOps.exif_transpose(file).convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
        out[i] = np.asarray(image).transpose(2, 0, 1)
    return out


def read_masks(items: list[tuple[Path, int]], root: Path, size: int) -> np.ndarray:
    """bool [N, size, size]: nearest neighbour at pixel centres (source index
    floor((i + 0.5) * scale)); normal is all false."""
    out = np.zeros((len(items), size, size), bool)
    for i, (path, label) in enumerate(items):
        if not label:
            continue
        folder = root / "ground_truth" / path.parent.name
        names = [folder / f"{path.stem}_mask.png", folder / f"{path.stem}.png"]
        mask = next((p for p in names if p.is_file()), None)
        if mask is None:
            raise SystemExit(f"{path}: its mask {names[0]} is missing")
        with Image.open(mask) as file:
            out[i] = np.asarray(file.convert("L").resize((size, size), Image.Resampling.NEAREST)) > 0
    return out
