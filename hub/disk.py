"""What is written so that it outlives a power cut: a file is there only once its folder says so."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Put on disk what was named, renamed and removed in a folder."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def free_space(home: Path) -> tuple[int, int]:
    """Return the free bytes and all bytes of the disk that holds the home."""
    usage = os.statvfs(home)
    return usage.f_bavail * usage.f_frsize, usage.f_blocks * usage.f_frsize
