"""A GraphDef from standard input through TensorFlow's importer and back to standard output: echo.py LIBRARY"""

import ctypes
import sys
from pathlib import Path


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("free", ctypes.c_void_p)]


library = Path(sys.argv[1])
ctypes.CDLL(str(library.with_name("libtensorflow_framework.so.2")), mode=ctypes.RTLD_GLOBAL)
tensorflow = ctypes.CDLL(str(library))
for name in ["TF_NewGraph", "TF_NewStatus", "TF_NewImportGraphDefOptions", "TF_NewBuffer", "TF_NewBufferFromString"]:
    getattr(tensorflow, name).restype = ctypes.c_void_p
tensorflow.TF_NewBufferFromString.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
tensorflow.TF_GraphImportGraphDef.argtypes = [ctypes.c_void_p] * 4
tensorflow.TF_GraphToGraphDef.argtypes = [ctypes.c_void_p] * 3
tensorflow.TF_Message.argtypes = tensorflow.TF_GetCode.argtypes = [ctypes.c_void_p]
tensorflow.TF_Message.restype = ctypes.c_char_p

given = sys.stdin.buffer.read()
graph, status = tensorflow.TF_NewGraph(), tensorflow.TF_NewStatus()
buffer = tensorflow.TF_NewBufferFromString(given, len(given))
tensorflow.TF_GraphImportGraphDef(graph, buffer, tensorflow.TF_NewImportGraphDefOptions(), status)
result = tensorflow.TF_NewBuffer()
if tensorflow.TF_GetCode(status) == 0:
    tensorflow.TF_GraphToGraphDef(graph, result, status)
if tensorflow.TF_GetCode(status) != 0:
    sys.exit(tensorflow.TF_Message(status).decode())
said = ctypes.cast(result, ctypes.POINTER(Buffer)).contents
sys.stdout.buffer.write(ctypes.string_at(said.data, said.length))
