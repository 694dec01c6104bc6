"""What the Python programs share: arguments, the clock, the check of what a consumer saw, the line of JSON (bench/README.md)."""

import argparse
import json
import resource
import time

PARTITIONS = 6
TIMEOUT = 120.0


def arguments(shapes):
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["produce", "consume"])
    parser.add_argument("--bootstrap", default="127.0.0.1:9092")
    parser.add_argument("--topic", default="bench")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--warmup", type=int, default=10_000)
    parser.add_argument("--record-bytes", type=int, default=100)
    parser.add_argument("--batch-bytes", type=int)
    parser.add_argument("--linger-ms", type=int)
    parser.add_argument("--shape", choices=shapes, default=shapes[0])
    return parser.parse_args()


def value(size):
    return bytes(ord("a") + index % 26 for index in range(size))


def usage():
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), spent.ru_utime + spent.ru_stime


def report(start, records, failed):
    wall, cpu = (end - begin for end, begin in zip(usage(), start))
    print(json.dumps({"records": records, "failed": failed, "seconds": wall, "cpu_seconds": cpu}), flush=True)


class Tally:
    """Fates of records, as each client tells them."""

    def __init__(self):
        self.acked = 0
        self.failed = 0
