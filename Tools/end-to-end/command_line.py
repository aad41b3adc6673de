"""The command line as scripts use it: exit status, one JSON value, stable codes."""
import json
import os
import re

import processes
from proof import Contradiction, expect, expect_equal

TENURE = ["name", "claim", "token", "holder", "ttl_ms", "valid_for_ms"]
RELEASE = ["name", "claim", "released", "reason"]
UPDATE = ["name", "claim"]
CANCEL = ["name", "cancelled"]
LEASE = ["name", "capacity", "holders", "waiters", "index"]
HOLDER = ["claim", "token", "holder", "value", "remaining_ms"]
STATUS = ["cluster", "nodes"]
NODE = [
    "id", "role", "term", "leader", "last", "commit", "applied", "pid", "client_address", "peer_address", "digest",
]
BENCH = [
    "workload", "connections", "depth", "ops", "errors", "unknown", "seconds", "per_s", "p50_us", "p99_us", "p999_us",
    "gap_ms_max",
]
#: Keys whose values are digits in a string: they do not fit the numbers of most readers of JSON.
DIGITS = {"claim", "token"}
#: Keys whose values have places behind the point.
DECIMALS = {"seconds", "per_s"}


class CommandLine:
    """Runs the binary against a cluster."""

    def __init__(self, binary, endpoints, **environment):
        self.binary = binary
        self.environment = dict(os.environ, LEASE_ENDPOINTS=endpoints, **environment)

    def run(self, *words, seconds=30):
        """Exit status, standard output and standard error of a command."""
        return processes.run([self.binary, *words], seconds, env=self.environment)

    def value(self, keys, *words, seconds=30):
        """The JSON value of a command that succeeds, which has exactly these keys in this order."""
        status, output, error = self.run(*words, "-o", "json", seconds=seconds)
        expect(status == 0, f"{' '.join(words)!r} ended with {status}: {error.strip()}")
        value = parsed(output, words)
        if keys is not None:
            check_keys(value, keys, words)
        return value

    def table(self, *words):
        """What a command that succeeds writes for people."""
        status, output, error = self.run(*words)
        expect(status == 0, f"{' '.join(words)!r} ended with {status}: {error.strip()}")
        expect(output.strip() != "" and not output.startswith("{"), f"{' '.join(words)!r} wrote no table: {output!r}")
        return output

    def failure(self, status, code, *words, keys=(), seconds=30):
        """The last line of standard error of a command that must fail like this; standard output stays empty."""
        shown = " ".join(word if len(word) < 60 else word[:50] + "…" for word in words)
        found, output, error = self.run(*words, "-o", "json", seconds=seconds)
        expect_equal((found, output), (status, ""), f"exit status and output of {shown!r} ({error.strip()[:300]})")
        value = parsed(error.splitlines()[-1] if error else "", words)
        expect_equal(value.get("error"), code, f"the code of {shown!r}")
        check_keys(value, ["error", "message", *keys], words)
        expect(value["message"].strip() != "", f"{shown!r} failed without a message")
        found, output, error = self.run(*words, seconds=seconds)
        expect_equal((found, output), (status, ""), f"exit status and output of {shown!r} as a table")
        expect(f"({code})" in error, f"{shown!r} does not tell its code to people: {error!r}")
        return value


def parsed(text, words):
    try:
        return json.loads(text)
    except ValueError as error:
        raise Contradiction(f"{' '.join(words)!r} wrote no JSON: {text[:300]!r}") from error


def check_keys(value, keys, words):
    """Every key is always there, in its order, with the type that its name promises."""
    what = " ".join(words)
    expect(isinstance(value, dict), f"{what!r} wrote no object: {value!r}")
    expect_equal(list(value), list(keys), f"the keys of {what!r}")
    for key, member in value.items():
        if key in DIGITS:
            expect(isinstance(member, str) and re.fullmatch(r"\d+", member), f"{key} of {what!r} is {member!r}")
        elif isinstance(member, float):
            expect(key in DECIMALS, f"{key} of {what!r} is {member!r}")


def check_lease(lease, words, stale=False):
    check_keys(lease, LEASE + (["age_ms"] if stale else []), words)
    for holder in lease["holders"]:
        extra = ["value_base64"] if "value_base64" in holder else []
        check_keys(holder, HOLDER + extra, words)
