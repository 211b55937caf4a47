"""What was asked for and cannot be: an argument, where no file is at fault."""

ARGUMENTS_HINT = "arguments stand behind the name: 'Name: {argument: value}'"


class UsageError(ValueError):
    """An argument, of the command line or of a function, that cannot be used.

    Attributes:
        argument: as it was written, such as ``--monitor``; empty where it is several.
        message: what was found, what is allowed, what to do.
    """

    def __init__(self, argument: str, message: str) -> None:
        self.argument, self.message = argument, message
        super().__init__(f"{argument}: {message}" if argument else message)
