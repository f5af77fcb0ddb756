"""Sampling from a GPT-2 style model in PyTorch: the peer of workers/decode.ts.

  decode N   runs N generations, answers {"ms": [...], "tokens": drawn in one, "logprob": their mean log-probability or null}
  memory     answers {"peak": bytes, "resident": bytes}
Arguments: loop or generate, width layers heads length batch vocabulary, tokens of a prompt, tokens to draw.
"""

import os
import sys
import time

import torch
from gpt2 import Gpt2
from serve import serve_runs

mode = sys.argv[1]
width, layers, heads, length, batch, vocabulary, prompt, new = map(int, sys.argv[2:10])
torch.manual_seed(0)
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "2")))
prompts = torch.randint(0, vocabulary, (batch, prompt))


def hand_written():
    """A loop over a preallocated cache; a token is the largest of p/e, e exponential, which is to draw it with probability p."""
    model = Gpt2(width, layers, heads, length, vocabulary).eval()
    caches = model.open_caches(batch, prompt + new)
    noise = torch.empty(batch, vocabulary)
    drawn = torch.empty(batch, new, dtype=torch.long)
    logprobs = torch.empty(batch, new)

    @torch.inference_mode()
    def run():
        tokens = prompts
        for i in range(new):
            states = model.hidden(tokens, caches, 0 if i == 0 else prompt + i - 1)
            probs = model.head(states[:, -1]).softmax(-1)
            tokens = (probs / noise.exponential_()).argmax(-1, keepdim=True)
            drawn[:, i : i + 1] = tokens
            logprobs[:, i : i + 1] = probs.gather(1, tokens).log()
        return {"tokens": drawn.numel(), "logprob": logprobs.mean().item()}

    return run


def transformers_generate():
    """`generate` with the attention that is faster here: both are tried first."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        n_embd=width,
        n_layer=layers,
        n_head=heads,
        n_positions=length,
        vocab_size=vocabulary,
        bos_token_id=None,
        eos_token_id=None,
    )
    model = GPT2LMHeadModel(config).eval()
    mask = torch.ones_like(prompts)
    options = dict(do_sample=True, temperature=1.0, top_k=0, use_cache=True, output_scores=False, pad_token_id=0)

    @torch.inference_mode()
    def run():
        texts = model.generate(
            prompts, attention_mask=mask, min_new_tokens=new, max_new_tokens=new, **options
        )
        return {"tokens": texts[:, prompt:].numel(), "logprob": None}

    def fastest_of_two():
        times = []
        for _ in range(3):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        return min(times[1:])

    seconds = {}
    for name in ("sdpa", "eager"):
        model.set_attn_implementation(name)
        seconds[name] = fastest_of_two()
    model.set_attn_implementation(min(seconds, key=seconds.get))
    return run


serve_runs(hand_written() if mode == "loop" else transformers_generate())
