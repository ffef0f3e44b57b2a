"""IMDb reviews from raw text with `TextVectorization` and `fit(x, y)`.

Texts become ids once, before training, not again in every epoch; all are padded to one length, as the layer gives them.
"""

import keras
import tensorflow as tf
from keras import layers

from benchmarks.by_hand.clock import Clock, arguments
from benchmarks.by_hand.rows import reviews

BATCH_SIZE = 64
WORDS, LENGTH = 20_000, 400


def main() -> None:
    options = arguments(__doc__, ["lstm"])
    keras.utils.set_random_seed(options.seed)
    texts, y = reviews("train")
    vectorize = layers.TextVectorization(max_tokens=WORDS, output_sequence_length=LENGTH)
    vectorize.adapt(tf.constant(texts), batch_size=1024)
    x = vectorize(tf.constant(texts)).numpy()
    model = keras.Sequential(
        [
            layers.Embedding(WORDS, 64, mask_zero=True),
            layers.LSTM(64),
            layers.Dropout(0.5),
            layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
    clock = Clock(len(x))
    ticking = keras.callbacks.LambdaCallback(on_epoch_end=clock.tick)
    model.fit(x, y, epochs=options.epochs, batch_size=BATCH_SIZE, callbacks=[ticking], verbose=2)
    texts, y_test = reviews("test")
    x_test = vectorize(tf.constant(texts)).numpy()
    clock.report(model.evaluate(x_test, y_test, batch_size=256, verbose=0)[1], len(x_test))


if __name__ == "__main__":
    main()
