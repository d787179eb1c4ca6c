"""Fixtures for image reading: small files of every kind that Pillow can write, and what Pillow reads from them.

Run: /path/to/venv/python scripts/oracle/images.py
Each NAME.ext has NAME.png beside it in expected/: the RGB pixels that the reader must return at the file's own size.
resize_*.png: Pillow's bilinear (antialiased) resize, the filter that anomalib's Resize uses.
"""

import pathlib
import struct

import numpy as np
from PIL import Image

root = pathlib.Path(__file__).resolve().parents[2] / "test/fixtures/images"
expected = root / "expected"
expected.mkdir(parents=True, exist_ok=True)

W, H = 37, 23
y, x = np.mgrid[0:H, 0:W]
rgb = np.stack([x * 255 // (W - 1), y * 255 // (H - 1), (x * 7 + y * 11) % 256], -1).astype(np.uint8)
grey = ((x * 5 + y * 3) % 256).astype(np.uint8)
colour, gray = Image.fromarray(rgb), Image.fromarray(grey)


def put(name, image, like=None, **options):
    image.save(root / name, **options)
    (like or Image.open(root / name)).convert("RGB").save(expected / (name.replace(".", "_") + ".png"))


put("rgb.png", colour)
put("grey.png", gray)
put("palette.png", colour.quantize(32))
put("bilevel.png", gray.point(lambda v: 255 * (v > 99)).convert("1"))
put("rgb.tif", colour, compression="tiff_lzw")
put("grey.tif", gray)
put("lossless.webp", colour, lossless=True)
put("rgb.jpg", colour, quality=95, subsampling=0)
put("rgb24.bmp", colour)
put("grey8.bmp", gray)
put("palette8.bmp", colour.quantize(32))
put("bilevel.bmp", gray.point(lambda v: 255 * (v > 99)).convert("1"))
put("rgb32.bmp", colour.convert("RGBA"), like=colour)

# EXIF orientation 6: the camera was turned; viewers show the picture turned by 90 degrees clockwise.
exif = Image.Exif()
exif[0x0112] = 6
put("turned.png", colour, like=colour.transpose(Image.Transpose.ROTATE_270), exif=exif)

# Alpha: flattened on white.
alpha = ((x * 255) // (W - 1)).astype(np.uint8)
cutout = Image.fromarray(np.dstack([rgb, alpha]))
white = Image.new("RGBA", (W, H), "white")
white.alpha_composite(cutout)
put("alpha.png", cutout, like=white)
cutout.save(root / "alpha.webp", lossless=True)
white.convert("RGB").save(expected / "alpha_webp.png")

# 16 bits: the full range, value / 257.
wide = (grey.astype(np.uint16) * 257) + (x % 2 * 60).astype(np.uint16)
Image.fromarray(wide).save(root / "grey16.png")
Image.fromarray(wide).save(root / "grey16.tif")
for kind in ("png", "tif"):
    narrow = np.round(wide / 257).clip(0, 255).astype(np.uint8)
    Image.fromarray(narrow).convert("RGB").save(expected / f"grey16_{kind}.png")

# CMYK: only that it comes out as a picture of about these colours (the profile is libvips's own).
Image.fromarray(rgb).convert("CMYK").save(root / "cmyk.jpg", quality=95)
Image.fromarray(np.full((8, 8), 0.5, np.float32)).save(root / "float.tif")

# BMPs that Pillow doesn't write: 4 bits, 16 bits, top-down, RLE8, RLE4, a gap before the pixels.
def bmp(name, width, height, bits, compression, palette, pixels, gap=0, masks=b""):
    table = b"".join(struct.pack("BBBB", b, g, r, 0) for r, g, b in palette)
    offset = 54 + len(masks) + len(table) + gap
    head = struct.pack("<2sIHHI", b"BM", offset + len(pixels), 0, 0, offset)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(pixels), 0, 0, len(palette), 0)
    (root / name).write_bytes(head + info + masks + table + b"\0" * gap + pixels)


colours = [(0, 0, 0), (255, 0, 0), (0, 255, 0), (10, 20, 30)]
index = np.array([[0, 1, 2, 3, 1], [3, 3, 3, 3, 3], [0, 1, 0, 1, 0]])


def expect(name, array):
    Image.fromarray(array.astype(np.uint8)).save(expected / (name.replace(".", "_") + ".png"))


indexed = np.array(colours)[index]
nibbles = lambda row: bytes([(row[i] << 4) | (row[i + 1] if i + 1 < 5 else 0) for i in range(0, 5, 2)]) + b"\0"
bmp("four.bmp", 5, 3, 4, 0, colours, b"".join(nibbles(r) for r in index[::-1]), gap=6)
expect("four.bmp", indexed)
bmp("topdown.bmp", 5, -3, 8, 0, colours, b"".join(bytes(r.tolist()) + b"\0\0\0" for r in index))
expect("topdown.bmp", indexed)
absolute = lambda row: b"\0\x05" + bytes(row.tolist()) + b"\0"
bmp("rle8.bmp", 5, 3, 8, 1, colours, absolute(index[2]) + b"\0\0" + b"\x05\x03\0\0" + absolute(index[0]) + b"\0\x01")
expect("rle8.bmp", indexed)
bmp("rle4.bmp", 5, 3, 4, 2, colours, b"\x05\x01\0\0" + b"\x05\x33\0\0" + b"\0\x05" + nibbles(index[0]) + b"\0\x01")
expect("rle4.bmp", indexed)
five = [(31, 0, 0), (0, 63, 0), (0, 0, 31), (31, 63, 31), (0, 0, 0)]
words = b"".join(struct.pack("<H", r << 11 | g << 5 | b) for r, g, b in five) + b"\0\0"
bmp("rgb565.bmp", 5, 1, 16, 3, [], words, masks=struct.pack("<III", 0xF800, 0x7E0, 0x1F))
expect("rgb565.bmp", np.array([[(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)]]))

# Resampling, on a picture with edges and texture.
rng = np.random.default_rng(7)
yy, xx = np.mgrid[0:96, 0:128]
scene = 110 + 40 * np.sin(xx / 9) + 30 * ((xx // 16 + yy // 12) % 2) + rng.normal(0, 6, (96, 128))
scene = Image.fromarray(scene.clip(0, 255).astype(np.uint8)).convert("RGB")
scene.save(root / "scene.png")
for w, h in [(64, 64), (40, 40), (128, 128), (200, 200), (224, 60)]:
    scene.resize((w, h), Image.Resampling.BILINEAR).save(root / f"resize_{w}x{h}.png")

# Masks: small labels (VisA), 0/255 (MVTec), dim colour, larger than asked for.
mask = np.zeros((40, 60), np.uint8)
mask[10:20, 30:50] = 1
Image.fromarray(mask).save(root / "mask_visa.png")
Image.fromarray(mask * 255).save(root / "mask_mvtec.png")
Image.fromarray(mask * 255).convert("1").save(root / "mask_bilevel.bmp")
Image.fromarray(np.dstack([mask * 0, mask * 0, mask * 1])).save(root / "mask_blue.png")
Image.fromarray(mask * 255).save(root / "mask_lossy.jpg", quality=40)
Image.fromarray(mask * 0).save(root / "mask_blank.bmp")
speck = mask * 0
speck[0, 1] = 255
Image.fromarray(speck).save(root / "mask_speck.png")

kinds = {"f4": "<f4", "f8": "<f8", "i4": "<i4", "i8": "<i8", "u2": "<u2", "u1": "u1", "b1": "?"}
for name, kind in kinds.items():
    np.save(root / f"numpy_{name}.npy", np.arange(6).reshape(2, 3).astype(kind))
