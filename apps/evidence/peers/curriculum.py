"""MABWiser and scikit-learn's mixtures of Gaussians: the peers of workers/curriculum.ts, on the same rewards and data.

Argument: a folder with rewards.json (rows of 8 rewards) and mixtures.json (data sets with the starts of nine fits each).
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # CPU time is compared: no thread may wait beside the one that works

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from mabwiser.mab import MAB, LearningPolicy
from serve import serve_calls
from sklearn.mixture import GaussianMixture

warnings.simplefilter("ignore")  # a fit that stops at 100 iterations says so every time
folder = Path(sys.argv[1])
rewards = json.loads((folder / "rewards.json").read_text())
arms = [str(arm) for arm in range(len(rewards[0]))]


def plays(policy):
    """One call is one predict and one partial_fit; it gives the mean reward so far."""
    bandit = MAB(arms, policy, seed=0)
    bandit.fit(arms, rewards[0])
    state = {"step": 0, "sum": 0}

    def play():
        arm = bandit.predict()
        reward = rewards[state["step"] % len(rewards)][int(arm)]
        bandit.partial_fit([arm], [reward])
        state["step"] += 1
        state["sum"] += reward
        return state["sum"] / state["step"]

    return play


mixtures = [
    (
        np.array(entry["rows"]).reshape(-1, 3),
        [
            {
                "n_components": len(start["weights"]),
                "weights_init": np.array(start["weights"]),
                "means_init": np.array(start["means"]).reshape(-1, 3),
                "precisions_init": np.array(start["precisions"]).reshape(-1, 3, 3),
            }
            for start in entry["starts"]
        ],
    )
    for entry in json.loads((folder / "mixtures.json").read_text())
]


def fits():
    """All fits of all data sets. scikit-learn looks for a start even when it is given one: the cheapest search, then."""
    return [
        (rows, GaussianMixture(init_params="random_from_data", **start).fit(rows))
        for rows, starts in mixtures
        for start in starts
    ]


serve_calls(
    {
        "epsilon-greedy": plays(LearningPolicy.EpsilonGreedy(epsilon=0.1)),
        "ucb1": plays(LearningPolicy.UCB1(alpha=1)),
        "softmax": plays(LearningPolicy.Softmax(tau=0.2)),
        "thompson": plays(LearningPolicy.ThompsonSampling()),
        "mixtures": lambda: len(fits()),
        "log-likelihoods": lambda: [float(mixture.score(rows) * len(rows)) for rows, mixture in fits()],
    }
)
