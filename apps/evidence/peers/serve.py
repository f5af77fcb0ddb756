"""Answers commands on standard input, one JSON line each, like workers/serve.ts."""

import json
import sys
import time


def serve_calls(calls):
    """NAME COUNT gives the CPU time of one of COUNT calls, in ms, and what the last of them gave."""

    def answer(name, count):
        start = time.process_time()
        for _ in range(count):
            value = calls[name]()
        used = time.process_time() - start
        return {"ms": used * 1e3 / count, "value": value}

    answer_lines(answer)


def serve_runs(run):
    """NAME COUNT gives the wall-clock time of each of COUNT runs, in ms, and what the last of them gave; `memory` the
    peak and resident bytes of the process."""

    def answer(name, count):
        if name == "memory":
            return memory()
        times = []
        for _ in range(count):
            start = time.perf_counter()
            value = run()
            times.append((time.perf_counter() - start) * 1e3)
        return {"ms": times, **value}

    answer_lines(answer)


def answer_lines(answer):
    for line in sys.stdin:
        name, *count = line.split()
        print(json.dumps(answer(name, int(count[0]) if count else 0)), flush=True)


def memory():
    fields = dict(line.split(":", 1) for line in open("/proc/self/status") if line.startswith("Vm"))
    kilobytes = {name: int(value.split()[0]) for name, value in fields.items()}
    return {"peak": kilobytes["VmHWM"] * 1024, "resident": kilobytes["VmRSS"] * 1024}
