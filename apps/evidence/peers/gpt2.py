"""A GPT-2 style model in plain PyTorch, initialised like @x/lm's."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp_norm = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x, cache=None, past=0):
        rows, time, width = x.shape
        q, k, v = self.qkv(self.attention_norm(x)).split(width, dim=2)
        q, k, v = (t.view(rows, time, self.heads, width // self.heads).transpose(1, 2) for t in (q, k, v))
        if cache is not None:
            keys, values = cache
            keys[:, :, past : past + time] = k
            values[:, :, past : past + time] = v
            k, v = keys[:, :, : past + time], values[:, :, : past + time]
        y = F.scaled_dot_product_attention(q, k, v, is_causal=time > 1)
        x = x + self.out(y.transpose(1, 2).reshape(rows, time, width))
        return x + self.down(F.gelu(self.up(self.mlp_norm(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self, width, layers, heads, length, vocabulary):
        super().__init__()
        self.heads = heads
        self.tokens = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                scale = 0.02 / math.sqrt(2 * layers) if name.endswith(("out.weight", "down.weight")) else 0.02
                nn.init.normal_(parameter, std=scale)

    def forward(self, tokens):
        return self.head(self.hidden(tokens))

    def head(self, states):
        return states @ self.tokens.weight.t()

    def hidden(self, tokens, caches=None, past=0):
        """States [B, T, d] of tokens [B, T]; with caches, of tokens that follow `past` others: a whole text, or one token."""
        x = self.tokens(tokens) + self.positions.weight[past : past + tokens.shape[1]]
        for block, cache in zip(self.blocks, caches or [None] * len(self.blocks)):
            x = block(x, cache, past)
        return self.norm(x)

    def open_caches(self, rows, length):
        """Room for the keys and values of every layer, [B, H, T, D] each."""
        shape = (rows, self.heads, length, self.tokens.embedding_dim // self.heads)
        return [(torch.empty(shape), torch.empty(shape)) for _ in self.blocks]
