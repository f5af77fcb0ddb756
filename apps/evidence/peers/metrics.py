"""scikit-learn and rliable: the peers of workers/metrics.ts, on the same data.

Argument: a folder with labels.u8, scores.f64 (examples) and runs.f64 (5 runs x 26 tasks).
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # CPU time is compared: no thread may wait beside the one that works

import sys
import warnings
from pathlib import Path

import numpy as np
from rliable import library, metrics
from serve import serve_calls
from sklearn.metrics import roc_auc_score

warnings.simplefilter("ignore")  # rliable calls its bootstrap in a way that is going out of use
folder = Path(sys.argv[1])
labels = np.fromfile(folder / "labels.u8", dtype=np.uint8)
scores = np.fromfile(folder / "scores.f64")
runs = np.fromfile(folder / "runs.f64").reshape(5, 26)
random = np.random.RandomState(0)


def iqm():
    points, limits = library.get_interval_estimates(
        {"runs": runs}, lambda x: np.array([metrics.aggregate_iqm(x)]), reps=500, random_state=random
    )
    return [float(points["runs"][0]), *(float(limit) for limit in limits["runs"][:, 0])]


serve_calls(
    {
        "auc-1e6": lambda: [float(roc_auc_score(labels, scores))],
        "auc-1e4": lambda: [float(roc_auc_score(labels[:10_000], scores[:10_000]))],
        "iqm": iqm,
    }
)
