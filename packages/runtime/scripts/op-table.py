"""Writes src/graph/op-table.ts from TensorFlow's own registry: python op-table.py > ../src/graph/op-table.ts

Reads the registry out of the library under .native (npm run native), and keeps the operations that the kernels of tfjs-node
or this package name.
"""

import ctypes
import json
import re
from pathlib import Path

root = Path(__file__).resolve().parents[3]
library = next((root / ".native").glob("tensorflow-*/libtensorflow_cc.so.2"))
kernels = root / "node_modules/@tensorflow/tfjs-node-gpu/dist"
sources = root / "packages/runtime/src"
loops = "PartitionedCall StatelessWhile TensorScatterUpdate"


def fields(buffer):
    """The (number, value) pairs of a protobuf message; a nested message is its bytes."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = buffer[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(buffer):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
        else:
            size = varint() if kind == 2 else {1: 8, 5: 4}[kind]
            yield key >> 3, buffer[at : at + size]
            at += size


def argument(message):
    """ArgDef as NAME, or NAME*COUNT where it is as many tensors as an attribute says, NAME[] where as a list of types has."""
    found = dict(fields(message))
    name, kind = found[1].decode(), "resource" if found.get(3) == 20 else found.get(4, b"").decode()
    if 5 in found:
        return name, kind, f"*{found[5].decode()}"
    return (name, found[6].decode(), "[]") if 6 in found else (name, kind, "")


def definition(message):
    inputs, outputs, attributes = [], [], {}
    name = ""
    for number, value in fields(message):
        if number == 1:
            name = value.decode()
        elif number == 2:
            _, kind, count = argument(value)
            inputs.append(kind + count)
        elif number == 3:
            output, _, count = argument(value)
            outputs.append(output + count)
        elif number == 4:
            found = dict(fields(value))
            attributes[found[1].decode()] = found[2].decode() + ("?" if 3 in found else "")
    return name, {"inputs": inputs, "outputs": outputs, "attributes": attributes}


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("free", ctypes.c_void_p)]


ctypes.CDLL(str(library.with_name("libtensorflow_framework.so.2")), mode=ctypes.RTLD_GLOBAL)
tensorflow = ctypes.CDLL(str(library))
tensorflow.TF_GetAllOpList.restype = ctypes.POINTER(Buffer)
tensorflow.TF_Version.restype = ctypes.c_char_p
registry = tensorflow.TF_GetAllOpList().contents
definitions = dict(definition(op) for number, op in fields(ctypes.string_at(registry.data, registry.length)) if number == 1)

named = set(loops.split())
for file in kernels.rglob("*.js"):
    named.update(re.findall(r"\b[A-Z]\w+\b", file.read_text()))
for file in sources.rglob("*.ts"):
    named.update(re.findall(r'"([A-Z]\w+)"', file.read_text()))

print(f"// Written by scripts/op-table.py from the registry of TensorFlow {tensorflow.TF_Version().decode()}.")
print(
    """
/** What TensorFlow says of an operation. */
export interface OpDefinition {
  /** Of each input the attribute that holds its type, or nothing; `T*N` is N tensors, `T[]` as many as T lists. */
  readonly inputs: readonly string[];
  /** The name of each output, counted likewise. */
  readonly outputs: readonly string[];
  /** The kind of each attribute; `?` marks those with a default. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The operations that a program may be made of. */
export const opTable: Readonly<Record<string, OpDefinition>> = {"""
)
for name in sorted(named & definitions.keys()):
    op = definitions[name]
    if "resource" in json.dumps(op) or not op["outputs"]:
        continue
    print(f"  {name}: {json.dumps(op)},")
print("};")
