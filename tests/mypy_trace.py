"""Whether the mypy that is installed lets us see what it looks at: older releases keep that under other names."""

from __future__ import annotations

from mypy.fscache import FileSystemCache

CAN_BE_TRACED = hasattr(FileSystemCache(), "stat_or_none_cache")
