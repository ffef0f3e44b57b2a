"""MNIST with a loop of PyTorch."""

import torch
from torch import nn

from benchmarks.by_hand.clock import arguments
from benchmarks.by_hand.rows import mnist
from benchmarks.by_hand.torch_loop import accuracy, train

BATCH_SIZE = 128


class Lstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm, self.output = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, (state, _) = self.lstm(x)
        return self.output(state[-1])


def convolutions() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 28)),
        nn.Conv2d(1, 32, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(3136, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, 10),
    )


def dense() -> nn.Module:
    hidden = [nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(512, 10))


MODELS = {
    "softmax": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
    "mlp": dense,
    "cnn": convolutions,
    "lstm": Lstm,
}


def main() -> None:
    options = arguments(__doc__, list(MODELS))
    torch.manual_seed(options.seed)
    (x, y), (x_test, y_test) = [(torch.from_numpy(x), torch.from_numpy(y).long()) for x, y in mnist()]
    model = MODELS[options.model]()
    sgd = options.model == "softmax"
    optimizer = torch.optim.SGD(model.parameters(), 0.1) if sgd else torch.optim.Adam(model.parameters(), 1e-3)
    clock = train(model, nn.functional.cross_entropy, optimizer, (x, y), (options.epochs, BATCH_SIZE))
    clock.report(accuracy(model, x_test, y_test), len(x_test))


if __name__ == "__main__":
    main()
