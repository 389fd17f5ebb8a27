"""Child processes that may die: forked, so that hundreds of them cost little."""

import contextlib
import io
import os
import signal
import sys
import tempfile
import traceback


class Child:
    """A forked process that does `work(say)`; what it says comes line by line.

    Args:
        work: Called in the child with a function that says a line to the parent.
    """

    def __init__(self, work):
        reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(reader)
            _live(work, writer)
        os.close(writer)
        self.lines = os.fdopen(reader)

    def kill(self, number=signal.SIGKILL):
        os.kill(self.pid, number)

    def wait(self):
        """Return the exit code, negative for a signal, and the lines that were not read yet."""
        rest = [line.rstrip("\n") for line in self.lines if line.endswith("\n")]
        self.lines.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]), rest


def _live(work, writer):
    write, code = os.write, 0  # the tests replace functions of `os`; this one is for talking
    try:
        work(lambda line: write(writer, f"{line}\n".encode()))
    except SystemExit as error:
        code = error.code
    except BaseException:
        code = 70
        with contextlib.suppress(BrokenPipeError):  # nobody may be listening any more
            write(writer, traceback.format_exc().encode())
    finally:  # whatever happens: never the rest of pytest once more
        os._exit(code)


def run_command(arguments, say):
    """Run the real command line in a child, its stderr said line by line; exit with its code."""
    from vaecli.cli.main import run

    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(writer)
        with os.fdopen(reader) as lines:
            for line in lines:
                say(line.rstrip("\n"))
        os._exit(0)
    os.close(reader)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(writer, 2)
    os.close(writer)
    sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
    sys.exit(run(arguments))


def captured(arguments):
    """Run the real command line in this process; return its exit code and what it wrote."""
    from vaecli.cli.main import run

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(io.FileIO(os.dup(file.fileno()), "w")) for file in (out, err)
        )
        try:
            code = run([str(argument) for argument in arguments])
            sys.stdout.flush()
        finally:
            sys.stdout, sys.stderr = before
        return code, *(read_all(file) for file in (out, err))


def read_all(file):
    file.seek(0)
    return file.read().decode(errors="surrogateescape")
