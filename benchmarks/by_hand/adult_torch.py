"""Adult with scikit-learn's transformers and a loop of PyTorch."""

import torch
from torch import nn

from benchmarks.by_hand.clock import arguments
from benchmarks.by_hand.rows import adult
from benchmarks.by_hand.torch_loop import accuracy, train

BATCH_SIZE = 128


def main() -> None:
    options = arguments(__doc__, ["mlp"])
    torch.manual_seed(options.seed)
    (x, y), (x_test, y_test) = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in adult()]
    first = [nn.Linear(x.shape[1], 128), nn.ReLU(), nn.Dropout(0.3)]
    second = [nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.3)]
    model = nn.Sequential(*first, *second, nn.Linear(64, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    clock = train(
        model, nn.functional.binary_cross_entropy_with_logits, optimizer, (x, y), (options.epochs, BATCH_SIZE)
    )
    clock.report(accuracy(model, x_test, y_test), len(x_test))


if __name__ == "__main__":
    main()
