"""``python -m logicdistill``."""

from logicdistill.cli import main

if __name__ == "__main__":
    main()
