"""Programs without dltrain, written as a good engineer writes them for the models of `benchmarks/cases`.

Keras programs use `compile` and `fit` as Keras's guides do, with arrays in memory and no setting changed: what the
documentation teaches first and most programs stay with. PyTorch programs use the fastest idiom that is ordinary: all
rows as tensors, and slices of a permutation instead of a `DataLoader`, which costs several times more for rows so
small; loss and accuracy are added up as tensors, so that no step waits for a number. Both are given the same rows,
sizes, optimizer, batch size and epochs as dltrain, and count the same accuracy while they train.
"""
