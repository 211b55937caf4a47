"""Where a scenario's sources are on the web."""

import re

_REPOSITORIES = {
    "addons": "tensorflow/addons",
    "keras": "keras-team/keras",
    "keras-io": "keras-team/keras-io",
    "keras-tuner": "keras-team/keras-tuner",
    "pytorch": "pytorch/pytorch",
    "tf": "tensorflow/tensorflow",
    "tfk": "keras-team/tf-keras",
    "transformers": "huggingface/transformers",
}


def link(source: str) -> str:
    """Say where a source is: ``keras#8829``, ``owner/name#3``, a file of Keras, a URL.

    Empty where that is not known, and for what is no ``http`` address.

    >>> link("keras#8829")
    'https://github.com/keras-team/keras/issues/8829'
    """
    if re.match(r"https?://", source):
        return source
    if thread := re.fullmatch(r"([\w./-]+)#(\d+)", source):
        name = _REPOSITORIES.get(thread[1], thread[1])
        return f"https://github.com/{name}/issues/{thread[2]}" if "/" in name else ""
    if question := re.fullmatch(r"SO (\d+)", source):
        return f"https://stackoverflow.com/q/{question[1]}"
    if re.fullmatch(r"keras/src/[\w/]+\.py", source):
        return f"https://github.com/keras-team/keras/blob/master/{source}"
    return ""
