"""The cases of a callback tutorial, played in both lanes: ``python -m dryfit.demo``."""

from dryfit.tools.tutorial_cases import MyEarlyStopping, main, respectful_decay, step_decay

__all__ = ["MyEarlyStopping", "respectful_decay", "step_decay"]

if __name__ == "__main__":
    raise SystemExit(main())
