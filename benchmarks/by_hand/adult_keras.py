"""Adult with scikit-learn's transformers and `fit(x, y)`."""

import keras
from keras import layers

from benchmarks.by_hand.clock import Clock, arguments
from benchmarks.by_hand.rows import adult

BATCH_SIZE = 128


def main() -> None:
    options = arguments(__doc__, ["mlp"])
    keras.utils.set_random_seed(options.seed)
    (x, y), (x_test, y_test) = adult()
    model = keras.Sequential(
        [
            layers.Dense(128, "relu"),
            layers.Dropout(0.3),
            layers.Dense(64, "relu"),
            layers.Dropout(0.3),
            layers.Dense(1, "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
    clock = Clock(len(x))
    ticking = keras.callbacks.LambdaCallback(on_epoch_end=clock.tick)
    model.fit(x, y, epochs=options.epochs, batch_size=BATCH_SIZE, callbacks=[ticking], verbose=2)
    clock.report(model.evaluate(x_test, y_test, verbose=0)[1], len(x_test))


if __name__ == "__main__":
    main()
