"""``python -m logicdistill``, and the command ``logicdistill``: Ctrl-C while the imports run is no traceback either."""

import sys


def main() -> None:
    """Entry point of the command."""
    try:
        from logicdistill import cli

        cli.main()
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
