"""The shortest script that trains and scores the model of configs/digits-lstm.yaml by hand."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

EPOCHS, BATCH_SIZE = 40, 32

keras.utils.set_random_seed(42)
digits = load_digits()
x, x_test, y, y_test = train_test_split(digits.images / 16, digits.target, test_size=0.2, stratify=digits.target)
x, x_val, y, y_val = train_test_split(x, y, test_size=180, stratify=y)
model = keras.Sequential([keras.layers.LSTM(64), keras.layers.Dense(10, activation="softmax")])
optimizer = keras.optimizers.Adam(5e-3, clipnorm=1.0)
model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_data=(x_val, y_val), verbose=2)
print(model.count_params(), model.evaluate(x_test, y_test, verbose=0))
