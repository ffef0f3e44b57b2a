"""The training loop that the PyTorch programs share."""

from __future__ import annotations

from collections.abc import Callable

import torch

from benchmarks.by_hand.clock import Clock


def train(
    model: torch.nn.Module,
    loss_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    optimizer: torch.optim.Optimizer,
    rows: tuple[torch.Tensor, torch.Tensor],
    sizes: tuple[int, int],
) -> Clock:
    """Trains for epochs in batches, `sizes`; prints loss and accuracy of each epoch."""
    x, y = rows
    epochs, batch_size = sizes
    clock = Clock(len(x))
    model.train()
    for epoch in range(epochs):
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.int64)
        for batch in torch.randperm(len(x)).split(batch_size):
            truth = y[batch]
            outputs = model(x[batch])
            loss = loss_of(outputs, truth)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(batch)
            right += hits(outputs, truth)
        print(f"epoch {epoch + 1}: loss {total.item() / len(x):.4f}, accuracy {right.item() / len(x):.4f}")
        clock.tick()
    return clock


def hits(outputs: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """How many rows are predicted right: (rows, classes) by the largest, (rows,) by the sign."""
    predicted = outputs.argmax(1) if outputs.dim() > 1 else outputs > 0
    return (predicted == truth).sum()


def accuracy(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> float:
    """Of predictions for all rows."""
    model.eval()
    with torch.no_grad():
        right = sum(hits(model(part), truth) for part, truth in zip(x.split(256), y.split(256), strict=True))
    return float(right) / len(x)
