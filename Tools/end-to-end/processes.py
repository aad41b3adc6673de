"""Processes that are started here, and ended here by their ids."""
import ctypes
import os
import signal
import subprocess
import time

_library = ctypes.CDLL(None, use_errno=True)
_started = []


def _die_with_parent():
    # PR_SET_PDEATHSIG: nothing started here outlives this program, however it ends.
    _library.prctl(1, signal.SIGKILL)


def start(arguments, **options):
    """Starts a process that ends with this program at the latest."""
    process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent, **options)
    _started.append(process)
    return process


def run(arguments, seconds, **options):
    """Runs a process to its end: exit status, standard output, standard error."""
    process = start(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    try:
        output, error = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, error = process.communicate()
        error += f"\n(killed after {seconds:g} s)"
        return None, output, error
    finally:
        forget(process)
    return process.returncode, output, error


def end_foreign(pid, seconds=10):
    """Ends a process that another one started for us, and waits until it is gone."""
    try:
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + seconds
        while time.monotonic() < end and os.path.exists(f"/proc/{pid}/exe"):
            time.sleep(0.02)
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def forget(process):
    """It has ended, and need not be ended."""
    if process in _started:
        _started.remove(process)


def signal_all(processes, number):
    """Sends a signal to all at once: with nothing in between that takes time."""
    ids = [process.pid for process in processes]
    for pid in ids:
        os.kill(pid, number)


def children_of(pid):
    """The ids of a process's children."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry))
    return found


def end_all():
    """Ends what is left."""
    for process in list(_started):
        if process.poll() is None:
            # What a tracer traces is ended first: it would run on without the tracer.
            for child in children_of(process.pid):
                try:
                    os.kill(child, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.kill()
            process.wait()
        forget(process)
