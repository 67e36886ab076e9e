"""``python -m reelprint``."""

from reelprint.cli.start import main

if __name__ == "__main__":
    main()
