"""Clocks and memory of one way to predict, for anomalib_predict.py."""

import multiprocessing
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any


class Clock:
    """Seconds spent in parts of the work, which must not overlap."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.spent[name] += time.perf_counter() - start

    @contextmanager
    def around(self, owner: type, method: str, name: str, after: Callable[[], None] = lambda: None) -> Iterator[None]:
        """While it lasts, every call of that method of the class is time of the part."""
        original = getattr(owner, method)

        def timed(*given: Any, **named: Any) -> Any:
            with self.part(name):
                result = original(*given, **named)
            after()
            return result

        setattr(owner, method, timed)
        try:
            yield
        finally:
            setattr(owner, method, original)


class Memory:
    """Most memory of this process from now on, and of what its children have for themselves whenever
    `sample` was called."""

    def __init__(self) -> None:
        self.children = 0
        self.known = True
        try:
            Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
        except OSError:
            self.known = False

    def sample(self) -> None:
        if self.known:
            self.children = max(self.children, sum(own_kib(child.pid) for child in multiprocessing.active_children()))

    def peak_mib(self) -> float | None:
        if not self.known:
            return None
        return (kib(Path("/proc/self/status").read_text(), "VmHWM") + self.children) / 1024


def own_kib(pid: int | None) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:  # it has ended
        return 0
    return kib(text, "Private_Clean") + kib(text, "Private_Dirty")


def kib(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) if found else 0


def measured(work: Callable[[Clock, Memory], None], *around: tuple[type, str, str]) -> dict[str, float | None]:
    """Seconds of `work` and of the parts that it or the methods `around` (class, method, part) tell; its
    peak memory."""
    clock, memory = Clock(), Memory()
    with ExitStack() as stack:
        for owner, method, name in around:
            stack.enter_context(clock.around(owner, method, name, memory.sample))
        start = time.perf_counter()
        work(clock, memory)
        seconds = time.perf_counter() - start
    spent = clock.spent
    return {"seconds": seconds, "decode": spent["decode"], "model": spent["model"], "peakMiB": memory.peak_mib()}


def since_start() -> float:
    """Seconds since this process began; 0 where the system doesn't tell."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
