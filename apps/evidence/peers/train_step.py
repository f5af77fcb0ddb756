"""A GPT-2 style train step in PyTorch eager: the peer of workers/train-step.ts.

Reads one command a line on standard input and answers with one JSON line each:
  steps N    runs N steps, answers {"ms": [...], "loss": last loss}
  memory     answers {"peak": bytes, "resident": bytes}
Arguments: width layers heads length batch vocabulary.
"""

import json
import math
import os
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

width, layers, heads, length, batch, vocabulary = map(int, sys.argv[1:7])
torch.manual_seed(0)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x):
        rows, time_, _ = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).split(width, dim=2)
        q, k, v = (t.view(rows, time_, heads, width // heads).transpose(1, 2) for t in (q, k, v))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).reshape(rows, time_, width))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                scale = 0.02 / math.sqrt(2 * layers) if name.endswith(("out.weight", "down.weight")) else 0.02
                nn.init.normal_(parameter, std=scale)

    def forward(self, tokens):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.norm(x) @ self.tokens.weight.t()


model = Gpt2()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.999), weight_decay=0.01)
inputs = torch.randint(0, vocabulary, (batch, length))
labels = F.pad(inputs[:, 1:], (0, 1), value=-100).reshape(-1)  # the last column has no label


def step():
    loss = F.cross_entropy(model(inputs).view(-1, vocabulary), labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def memory():
    fields = dict(line.split(":", 1) for line in open("/proc/self/status") if line.startswith("Vm"))
    kilobytes = {name: int(value.split()[0]) for name, value in fields.items()}
    return {"peak": kilobytes["VmHWM"] * 1024, "resident": kilobytes["VmRSS"] * 1024}


for line in sys.stdin:
    command, *arguments = line.split()
    if command == "memory":
        answer = memory()
    else:
        times = []
        for _ in range(int(arguments[0])):
            start = time.perf_counter()
            loss = step()
            times.append((time.perf_counter() - start) * 1e3)
        answer = {"ms": times, "loss": loss}
    print(json.dumps(answer), flush=True)
