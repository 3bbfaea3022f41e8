"""``python -m logicdistill``, and the command ``logicdistill``."""

import os
import signal


def _stop(*_: object) -> None:
    """Ctrl-C while the imports run, when nothing was begun yet.

    An exception would not do: a compiled module that is being imported turns it into an
    ImportError.
    """
    os.write(2, b"stopped\n")
    os._exit(130)


def main() -> None:
    """Entry point of the command."""
    interruptible = (
        signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )  # a shell's background job ignores Ctrl-C
    if interruptible:
        signal.signal(signal.SIGINT, _stop)
    from logicdistill.cli import main as cli

    if interruptible:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    cli.main()


if __name__ == "__main__":
    main()
