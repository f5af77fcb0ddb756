"""Answers commands on standard input like workers/serve.ts: NAME COUNT gives the CPU time of one of COUNT calls, in ms, and
what the last of them gave."""

import json
import sys
import time


def serve_calls(calls):
    for line in sys.stdin:
        name, count = line.split()
        call = calls[name]
        start = time.process_time()
        for _ in range(int(count)):
            value = call()
        used = time.process_time() - start
        print(json.dumps({"ms": used * 1e3 / int(count), "value": value}), flush=True)
