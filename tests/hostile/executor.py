"""Runs commands of dltrain in children of a process that has imported TensorFlow, and says what each did and took.

Reads a JSON object a line from stdin, `{"arguments": [...], "folder": "..."}`, and answers with one. Children are
forked before a backend starts, so that no thread is lost. An audit hook in the child ends it with code 99 when it
looks up what a pickle names, starts a program, opens a connection, or opens a file called `secret`.
"""

import json
import os
import signal
import sys
import tempfile
import time

SECONDS = 60
FORBIDDEN = ("pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect")


def watch(event, arguments):
    opened = event == "open" and "secret" in str(arguments[0])
    if opened or event in FORBIDDEN:
        os.write(2, f"forbidden: {event} {arguments!r}\n".encode(errors="replace"))
        os._exit(99)


def child(request, output):
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    signal.alarm(SECONDS)
    os.chdir(request["folder"])
    sys.argv = ["dltrain", *request["arguments"]]
    sys.addaudithook(watch)
    from dltrain.cli.app import run

    code = 98
    try:
        run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 97
    except BaseException:
        import traceback

        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def answer(request):
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        if not (process := os.fork()):
            child(request, output)
        _, status, used = os.wait4(process, 0)
        seconds = time.monotonic() - began
        output.seek(0)
        text = output.read(1 << 20).decode(errors="replace")
    scale = 1 if sys.platform == "darwin" else 1024
    megabytes = used.ru_maxrss * scale / 1e6
    processor = used.ru_utime + used.ru_stime
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "seconds": seconds, "processor": processor, "megabytes": megabytes, "text": text}


def main():
    import keras  # noqa: F401
    import pyarrow  # noqa: F401
    import sklearn.metrics  # noqa: F401
    import tensorflow  # noqa: F401

    import dltrain.cli.app
    import dltrain.cross_validation
    import dltrain.data.csv
    import dltrain.evaluation.writing  # noqa: F401

    for line in sys.stdin:
        sys.__stdout__.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.__stdout__.flush()


if __name__ == "__main__":
    main()
