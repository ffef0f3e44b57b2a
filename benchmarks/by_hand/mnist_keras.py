"""MNIST with `fit(x, y)`."""

import keras
from keras import layers

from benchmarks.by_hand.clock import Clock, arguments
from benchmarks.by_hand.rows import mnist

BATCH_SIZE = 128
MODELS = {
    "softmax": lambda: [layers.Flatten()],
    "mlp": lambda: [layers.Flatten(), layers.Dense(512, "relu"), layers.Dense(512, "relu")],
    "cnn": lambda: [
        layers.Reshape((28, 28, 1)),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(128, "relu"),
        layers.Dropout(0.5),
    ],
    "lstm": lambda: [layers.LSTM(128)],
}


def main() -> None:
    options = arguments(__doc__, list(MODELS))
    keras.utils.set_random_seed(options.seed)
    (x, y), (x_test, y_test) = mnist()
    model = keras.Sequential([keras.Input((28, 28)), *MODELS[options.model](), layers.Dense(10, "softmax")])
    optimizer = keras.optimizers.SGD(0.1) if options.model == "softmax" else keras.optimizers.Adam(1e-3)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    clock = Clock(len(x))
    ticking = keras.callbacks.LambdaCallback(on_epoch_end=clock.tick)
    model.fit(x, y, epochs=options.epochs, batch_size=BATCH_SIZE, callbacks=[ticking], verbose=2)
    clock.report(model.evaluate(x_test, y_test, verbose=0)[1], len(x_test))


if __name__ == "__main__":
    main()
