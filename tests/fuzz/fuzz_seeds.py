"""Whole files of every kind that a reader takes, to be damaged."""

import io
import json
import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

PACK = Path(__file__).parents[2] / "scenarios"
HISTORY: dict[str, list[Any]] = {"loss": [1.0, 0.5, 0.25], "val_loss": [1.5, 0.75, float("nan")]}
FLAT = {"loss": 1.0, "val_loss": 0.5}
_KERAS_3 = """Epoch 1/3
\x1b[1m2/2\x1b[0m \x1b[32m━━\x1b[0m \x1b[1m0s\x1b[0m 9ms/step - loss: 1.0 - val_loss: 0.9000
Epoch 2/3
2/2 - 0s - 4ms/step - loss: 0.5000 - val_loss: 0.7000
Epoch 2: ReduceLROnPlateau reducing learning rate to 0.0010000000474974513.
Epoch 2: val_loss improved from 0.90000 to 0.70000, saving model to a.keras
Epoch 3/3
2/2 - 0s - 4ms/step - loss: nan - val_loss: 0.8000
Epoch 3: early stopping
Restoring model weights from the end of the best epoch: 2.
"""
_KERAS_2 = (
    "Epoch 1/2\n10/10 [====>....] - ETA: 0s - loss: 2.5\r10/10 [====] - 1s 5ms/step - loss: 2\n"
)


@cache
def scenarios() -> tuple[bytes, ...]:
    """The pack, and each of its documents alone."""
    whole = [path.read_bytes() for path in sorted(PACK.rglob("*.scenario.yaml"))]
    alone = [part for text in whole for part in text.split(b"\n---\n") if len(part) < 1500]
    return (*whole, *alone)


@cache
def recordings() -> tuple[bytes, ...]:
    """A history in every format."""
    texts = [
        json.dumps(HISTORY),
        json.dumps({"history": HISTORY, "epoch": [0, 1, 2]}),
        json.dumps([{"epoch": epoch, **FLAT} for epoch in range(3)], indent=1),
        "\n".join(json.dumps({"epoch": epoch, **FLAT}) for epoch in range(3)) + "\n",
        json.dumps({"columns": ["loss", "acc"], "index": [0, 1], "data": [[1, 2], [3, None]]}),
        json.dumps({"loss": {"0": 1.0, "1": 0.5}, "acc": {"0": 0.1, "1": None}}),
        json.dumps({"a": HISTORY, "b": HISTORY}),
        json.dumps({"schema": {"fields": [{"name": "loss"}]}, "data": [{"index": 0, "loss": 1}]}),
        "epoch,loss,val_loss\n0,1.0,0.9\n1,0.5,nan\n2,.25,\n",
        "epoch;loss;val_loss\n0;1,0;0,9\n1;0,5;0,8\n",
        ",loss,acc\n0,1.0,0.9\n1,0.5,0.8\n",
        "curve\tepoch\tloss\na\t0\t1\na\t1\t2\nb\t0\t1\n",
        "epoch,loss\n0,1\n1,2\nepoch,loss\n0,3\n1,4\n",
        "run_id,key,value,step\nr,loss,1,0\nr,loss,.5,1\ns,acc,.5,0\n",
        '"Step","a - loss","a - loss__MIN","a - loss__MAX"\n"0","1","1","1"\n"1","2","2","2"\n',
        "epoch,loss,learning_rate\n3,1.0,1e-3\n4,0.5,1e-4\n",
        _KERAS_3,
        _KERAS_2,
    ]
    return (*(text.encode() for text in texts), "epoch,é\n0,1\n".encode("utf-16"), *_arrays())


def _arrays() -> tuple[bytes, ...]:
    packed, bare, structured = io.BytesIO(), io.BytesIO(), io.BytesIO()
    np.savez(packed, **{name: np.array(values) for name, values in HISTORY.items()})
    np.save(bare, np.zeros((2, 2)))
    np.save(structured, np.zeros(3, [("loss", "f4"), ("acc", "f8")]))
    return packed.getvalue(), bare.getvalue(), structured.getvalue(), _events()


def _events() -> bytes:
    """An event file of TensorBoard's: records with a length and two checksums of it and them."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    written = io.BytesIO()
    written.close = lambda: None  # type: ignore[method-assign]
    writer = RecordWriter(written)
    writer.write(Event(wall_time=1.0, file_version="brain.Event:2").SerializeToString())
    for step in range(3):
        event = Event(wall_time=2.0, step=step)
        value = event.summary.value.add(tag="epoch_loss")
        value.tensor.dtype = 1
        value.tensor.tensor_shape.SetInParent()
        value.tensor.tensor_content = struct.pack("<f", 1.0 / (step + 1))
        value.metadata.plugin_data.plugin_name = "scalars"
        writer.write(event.SerializeToString())
    return written.getvalue()


@cache
def measurements() -> tuple[bytes, ...]:
    """What ``dryfit bench --format json`` writes."""
    whole = {"callback": "EarlyStopping", "hook": None, "ns_per_batch": 120.5, "low": 110.0}
    whole |= {"high": 130.0, "ratio_to_noop": 2.0, "growth": "flat", "note": ""}
    whole |= {"allocations_per_batch": 0.0, "files_written": 0, "bytes_written_per_batch": 0.0}
    hook = {"callback": "EarlyStopping", "hook": "on_epoch_end", "ns_per_batch": 100.0}
    settings = {"settings": {"batches": 1000, "step": None}}
    busy = {"callback": "CSVLogger", "hook": None, "ns_per_batch": None, "too_busy": True}
    runs = [
        [whole | settings, hook],
        [whole, busy],
        [whole | {"ns_per_batch": 900.0, "low": 800.0}],
    ]
    return tuple(json.dumps(run, indent=1).encode() for run in runs)
