"""What Keras 2 takes for a tensor; nothing here loads TensorFlow before it is asked."""

from typing import Any


def tensor_class() -> Any:
    """Make the class of objects of ours that TensorFlow takes for tensors."""
    import tensorflow as tf

    class Tensor(tf.__internal__.types.Tensor):  # type: ignore[misc]
        """Made a tensor of when TensorFlow needs one."""

        def __tf_tensor__(self, dtype: Any = None, name: str | None = None) -> Any:
            own: Any = self
            return tf.constant(own.numpy(), dtype=dtype)

    return Tensor
