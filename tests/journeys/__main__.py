"""`make journey`: walk the whole way through a running portal as each of its roles. One line per step.

Plain HTTP and forms, as a browser without script sends them. Needs the demo data of `make run`; PORT names another port.
"""

import sys

from tests.journeys.browser import Browser, StepFailed, sign_in_link
from tests.journeys.steps import STEPS, Walk


def main() -> int:
    walk = Walk(Browser, sign_in_link)
    for number, step in enumerate(STEPS, 1):
        try:
            said = step(walk)
        except StepFailed as problem:
            print(f"{number:>2}. FAILED  {step.__doc__}: {problem}")
            return 1
        print(f"{number:>2}. ok      {step.__doc__}{f' ({said})' if said else ''}", flush=True)
    print(f"journey: {len(STEPS)} steps ok")
    return 0


if __name__ == "__main__":
    sys.exit(main())
