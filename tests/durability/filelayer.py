"""A layer between the store and the disk: it counts, and at one operation it does something else."""

import errno
import os
import signal

NAMES = ("open", "write", "fsync", "rename", "mkdir", "unlink", "rmdir", "ftruncate")


class FileLayer:
    """Replace the functions of `os` that change a disk, as a context manager.

    Args:
        before: Called before each operation with its number, its name and its arguments.
        flushes: Whether flushing reaches the disk; what a process leaves does not depend on it.
    """

    names = NAMES

    def __init__(self, before=lambda number, name, arguments: None, *, flushes=False):
        self.before, self.flushes = before, flushes
        self.operations = []
        self._real = {name: getattr(os, name) for name in self.names}

    def __enter__(self):
        for name in self.names:
            setattr(os, name, self._wrapped(name))
        return self

    def __exit__(self, *error):
        for name, function in self._real.items():
            setattr(os, name, function)

    def _wrapped(self, name):
        real = self._real[name]

        def operation(*arguments, **more):
            counted = self.counts(name, arguments)
            if counted:
                self.operations.append(name)
                self.before(len(self.operations) - 1, name, arguments)
            skipped = name == "fsync" and not self.flushes
            result = None if skipped else real(*arguments, **more)
            if counted:
                self.after(name, arguments, result)
            return result

        return operation

    def counts(self, name, arguments):
        """Tell whether an operation changes a disk."""
        return name != "open" or opens_to_write(arguments)

    def after(self, name, arguments, result):
        """Hear what an operation did."""


class ReadLayer(FileLayer):
    """The same for the functions of `os` that read a disk."""

    names = ("open", "read", "listdir", "stat", "fstat")

    def counts(self, name, arguments):
        return name != "open" or not opens_to_write(arguments)


def opens_to_write(arguments):
    return arguments[1] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)


def killer(number):
    """Return what kills this process before an operation."""

    def before(now, name, arguments):
        if now == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return before


def refuser(number, code, *, for_good=False):
    """Return what refuses an operation, or that and all that come after it but removals."""

    def before(now, name, arguments):
        if now == number or (for_good and now > number and name not in ("unlink", "rmdir")):
            raise OSError(code, os.strerror(code), str(arguments[0]))

    return before


CODES = [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EACCES]
READ_CODES = [errno.EIO, errno.EACCES, errno.EMFILE, errno.ENOMEM, errno.ESTALE]
