"""A GPT-2 style train step in PyTorch: the peer of workers/train-step.ts.

  steps N    runs N steps, answers {"ms": [...], "loss": last loss}
  memory     answers {"peak": bytes, "resident": bytes}
Arguments: width layers heads length batch vocabulary, and `compile` for torch.compile of the same step.
"""

import logging
import os
import sys

import torch
import torch.nn.functional as F
from gpt2 import Gpt2
from serve import serve_runs

width, layers, heads, length, batch, vocabulary = map(int, sys.argv[1:7])
torch.manual_seed(0)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))

model = Gpt2(width, layers, heads, length, vocabulary)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.999), weight_decay=0.01)
inputs = torch.randint(0, vocabulary, (batch, length))
labels = F.pad(inputs[:, 1:], (0, 1), value=-100).reshape(-1)  # the last column has no label


def loss_of():
    return F.cross_entropy(model(inputs).view(-1, vocabulary), labels)


def update():
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


if sys.argv[7:] == ["compile"]:
    torch._logging.set_logs(dynamo=logging.ERROR)
    loss_of = torch.compile(loss_of)
    update = torch.compile(update)


def step():
    loss = loss_of()
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    update()
    return {"loss": loss.item()}


serve_runs(step)
