"""The shortest script that trains and scores the model of configs/digits-cnn.yaml by hand."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

EPOCHS, BATCH_SIZE = 30, 32

keras.utils.set_random_seed(42)
digits = load_digits()
images = digits.images[..., None] / 16
x, x_test, y, y_test = train_test_split(images, digits.target, test_size=0.2, stratify=digits.target)
x, x_val, y, y_val = train_test_split(x, y, test_size=180, stratify=y)
model = keras.Sequential(
    [
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(),
        keras.layers.Flatten(),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dropout(0.4),
        keras.layers.Dense(10, activation="softmax"),
    ]
)
rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * -(-len(x) // BATCH_SIZE))
model.compile(optimizer=keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_data=(x_val, y_val), verbose=2)
print(model.count_params(), model.evaluate(x_test, y_test, verbose=0))
