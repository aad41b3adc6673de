"""What every check is made of: a contradiction ends the run, everything else is said in a line."""
import contextlib
import signal
import time


class Contradiction(Exception):
    """What was seen is not what was promised."""


def expect(truth, message):
    """Ends the run with the message unless the truth holds."""
    if not truth:
        raise Contradiction(message)


def expect_equal(found, wanted, what):
    """Ends the run unless both are equal."""
    if found != wanted:
        raise Contradiction(f"{what}: expected {wanted!r}, found {found!r}")


def say(text):
    """One line of what was measured."""
    print(f"   {text}", flush=True)


def boot_time():
    """Seconds on the clock that counts suspension, the one that leases are measured by."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wait_for(truth, seconds, what, interval=0.02):
    """Asks until the answer is truthy and gives it; a contradiction when the time is up."""
    end = boot_time() + seconds
    while True:
        answer = truth()
        if answer:
            return answer
        if boot_time() >= end:
            raise Contradiction(f"{what} did not happen within {seconds:g} s")
        time.sleep(interval)


@contextlib.contextmanager
def time_limit(seconds, what):
    """Ends what takes longer, with a message of its own. In the main thread only."""

    def expired(_signal, _frame):
        raise Contradiction(f"{what} took longer than {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, expired)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def milliseconds(seconds):
    """For people."""
    return f"{seconds * 1000:.0f} ms"


def percentile(values, fraction):
    """The value below which that fraction of the values lies; None of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * fraction))] if ordered else None
