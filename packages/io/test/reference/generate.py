"""Writes fixtures.json: files of NumPy, and safetensors files made by the published specification.

python3 generate.py, with NumPy 2.4.6. The safetensors writer below is independent of ours: eight bytes of header length,
little-endian; JSON padded with spaces to a multiple of eight; data end to end, wide elements first, then by name.
"""

import base64
import io
import json
import struct
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np

ORDER = ["BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "C64", "F64", "I64", "U64"]
files = {}


def plain(x):
    """Lists with text for what JSON lacks."""
    if isinstance(x, list):
        return [plain(y) for y in x]
    if isinstance(x, float) and (x != x or x in (float("inf"), float("-inf"))):
        return repr(x)
    if isinstance(x, complex):
        return [x.real, x.imag]
    return x


def add(name, data, arrays):
    described = {key: {"shape": list(a.shape), "dtype": str(a.dtype), "values": plain(a.ravel().tolist())} for key, a in arrays.items()}
    files[name] = {"base64": base64.b64encode(data).decode(), "arrays": described}


def npy(name, array, version=None):
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.lib.format.write_array(out, array, version=version)
    add(f"{name}.npy", out.getvalue(), {"array": array})


def safetensors(name, entries, metadata=None):
    """entries: name -> (dtype, shape, bytes, the values as an array)"""
    ordered = sorted(entries.items(), key=lambda item: (-ORDER.index(item[1][0]), item[0]))
    header, end = {} if metadata is None else {"__metadata__": metadata}, 0
    for key, (dtype, shape, data, _) in ordered:
        assert key != "__metadata__" and key not in header
        header[key] = {"dtype": dtype, "shape": shape, "data_offsets": [end, end + len(data)]}
        end += len(data)
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    body = b"".join(data for _, (_, _, data, _) in ordered)
    add(f"{name}.safetensors", struct.pack("<Q", len(text)) + text + body, {key: a for key, (_, _, _, a) in entries.items()})


grid = np.arange(6).reshape(2, 3)
for code in ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]:
    values = grid % 2 == 1 if code == "?" else grid - (0 if code[0] == "u" else 3)
    npy(f"little-{code.replace('?', 'bool')}", values.astype(code if code == "?" else "<" + code))
    if code[-1] in "248":
        npy(f"big-{code}", values.astype(">" + code))
npy("fortran", np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)))
npy("fortran-big", np.asfortranarray(grid.astype(">f8") / 7))
npy("complex64", (grid + 1j * grid**2).astype("<c8"))
npy("complex128-fortran", np.asfortranarray((grid - 2j * grid).astype("<c16")))
npy("scalar", np.array(2.5))
npy("empty", np.zeros((0, 3), "<f4"))
npy("long", np.arange(1000, dtype="<i4"))
npy("version-2", grid.astype("<f4"), (2, 0))
npy("version-3", grid.astype("<f4"), (3, 0))
npy("int64-wide", np.array([1, -(2**40), 2**53 + 1], "<i8"))
npy("uint64-wide", np.array([0, 2**64 - 1], "<u8"))
npy("specials", np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324], "<f8"))
npy("float16-specials", np.array([np.nan, np.inf, -np.inf, 65504, 6e-8, -6.1e-5, 0.1], "<f2"))
npy("structured", np.zeros(2, [("x", "<f4"), ("y", "<i4")]))
files["structured.npy"]["arrays"] = {}
for name, array in [("text", np.array(["ab", "c"])), ("dates", np.array(["2020-01-01"], "M8[D]"))]:
    out = io.BytesIO()
    np.save(out, array)
    files[f"{name}.npy"] = {"base64": base64.b64encode(out.getvalue()).decode(), "arrays": {}}
out = io.BytesIO()
np.save(out, np.array([{}, None], object), allow_pickle=True)
files["objects.npy"] = {"base64": base64.b64encode(out.getvalue()).decode(), "arrays": {}}

arrays = {"weights": (grid / 3).astype("<f4"), "labels": np.array([3, 1, 2], "<i8"), "größe": np.array(True)}
for name, save in [("stored", np.savez), ("deflated", np.savez_compressed)]:
    out = io.BytesIO()
    save(out, **arrays)
    add(f"{name}.npz", out.getvalue(), arrays)

# The 64-bit directory that archives over 4 GiB have, in a small one.
zipfile.ZIP64_LIMIT = zipfile.ZIP_FILECOUNT_LIMIT = 0
out = io.BytesIO()
np.savez_compressed(out, **arrays)
add("wide-directory.npz", out.getvalue(), arrays)

entries = {}
for dtype, code in [("BOOL", "?"), ("U8", "<u1"), ("I8", "<i1"), ("U16", "<u2"), ("I16", "<i2"), ("U32", "<u4"), ("I32", "<i4"), ("U64", "<u8"), ("I64", "<i8"), ("F16", "<f2"), ("F32", "<f4"), ("F64", "<f8"), ("C64", "<c8")]:
    a = (grid % 2 == 1) if code == "?" else grid.astype(code)
    entries[dtype.lower()] = (dtype, [2, 3], a.tobytes(), a)
bits = np.array([0x3F80, 0xC000, 0x7F80, 0x0001, 0x4049], "<u2")
entries["bf16"] = ("BF16", [5], bits.tobytes(), (bits.astype("<u4") << 16).view("<f4"))
# Values of the 8-bit floats as the OCP specification tabulates them.
entries["e4m3"] = ("F8_E4M3", [5], bytes([0x00, 0x01, 0x38, 0x7E, 0xB8]), np.array([0, 2.0**-9, 1, 448, -1], "<f4"))
entries["e5m2"] = ("F8_E5M2", [5], bytes([0x00, 0x01, 0x3C, 0x7B, 0x7C]), np.array([0, 2.0**-16, 1, 57344, np.inf], "<f4"))
entries["e8m0"] = ("F8_E8M0", [3], bytes([0x7F, 0x80, 0x7E]), np.array([1, 2, 0.5], "<f4"))
entries["none"] = ("F32", [0, 4], b"", np.zeros((0, 4), "<f4"))
entries["point"] = ("F32", [], struct.pack("<f", 1.5), np.array(1.5, "<f4"))
safetensors("all-types", entries)

own = {
    "layers.0.weight": ("F32", [2, 3], (grid / 4).astype("<f4").tobytes(), (grid / 4).astype("<f4")),
    "layers.0.bias": ("F64", [3], np.array([1, 2, 3.5]).tobytes(), np.array([1, 2, 3.5])),
    "10": ("I32", [2], np.array([1, -2], "<i4").tobytes(), np.array([1, -2], "<i4")),
    "mask": ("BOOL", [2], b"\1\0", np.array([True, False])),
    "count": ("U32", [], struct.pack("<I", 2**32 - 1), np.array(2**32 - 1, "<u4")),
}
safetensors("own-types", own, {"format": "pt", "quote": 'a "b" é'})

# Rounding to 16 bits: float16 by NumPy, bfloat16 by the nearer neighbour, ties to the even one.
rng = np.random.default_rng(0)
wide = (rng.standard_normal(300) * 2.0 ** rng.integers(-30, 20, 300)).astype("<f4")
ties = (np.arange(1, 60, 2) * 2.0**-25).astype("<f4")
edges = np.array([65504, 65519, 65520, 65535, 1 + 2**-11, 1 + 3 * 2**-11, 2**-14, 2**-25, 2**-26, 3.4e38, np.inf, -np.inf, -0.0], "<f4")
singles = np.concatenate([wide, ties, edges, (np.arange(40) * 2**15 + 0x3F800000).astype("<u4").view("<f4")])
with np.errstate(over="ignore"):
    float16 = singles.astype("<f2")


def bfloat16(x):
    low = int(np.array(x, "<f4").view("<u4")) >> 16
    if not np.isfinite(x):
        return low
    # The next one up may be 2 ** 128, which stands for infinity.
    value = lambda bits: float(np.array(bits << 16, "<u4").view("<f4")) if bits & 0x7F80 != 0x7F80 else (-1) ** (bits >> 15) * 2.0**128
    below, above = abs(float(x) - value(low)), abs(value(low + 1) - float(x))
    return low + (above < below or (above == below and low % 2 == 1))


rounded = np.array([bfloat16(x) for x in singles], "<u2")
n = len(singles)
safetensors("rounding", {
    "single": ("F32", [n], singles.tobytes(), singles),
    "float16": ("F16", [n], float16.tobytes(), float16),
    "bfloat16": ("BF16", [n], rounded.tobytes(), (rounded.astype("<u4") << 16).view("<f4")),
})

versions = {"python": sys.version.split()[0], "numpy": np.__version__}
path = Path(__file__).parent / "fixtures.json"
path.write_text(json.dumps({"versions": versions, "files": files}, indent=1, ensure_ascii=False) + "\n")
