"""Things that happen at the same moment."""

import threading
from collections.abc import Callable


def together(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run these at the same moment, each in a thread of its own. Returns what they raised."""
    start, raised = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], object]) -> None:
        start.wait()
        try:
            job()
        except BaseException as error:  # noqa: BLE001  # the test looks at it
            raised.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
