"""Plain PyTorch, networks batched: a Python loop over time."""

import torch

from benchmarks import sizes


def build(experiment, seeds):
    network, size = experiment.network, sizes.size(experiment)
    recurrent, w_in, bias, readout = (torch.from_numpy(w) for w in sizes.weights(experiment, seeds))
    recurrent.requires_grad_()
    alpha, k, n = network.alpha, len(seeds), network.n_units
    strength = (2 / alpha) ** 0.5 * network.sigma
    optimizer = torch.optim.Adam([recurrent], experiment.training.learning_rate, eps=1e-7)

    def update(inputs, targets, mask):
        xi = torch.randn(size["T"], k, size["B"], n)
        total = torch.einsum("kbti,kni->tkbn", inputs, w_in) + bias[:, None] + strength * xi
        to_rows = recurrent.transpose(1, 2)
        r, rates = torch.zeros(k, size["B"], n), []
        for c in total:
            r = (1 - alpha) * r + alpha * torch.relu(torch.baddbmm(c, r, to_rows))
            rates.append(r)
        z = torch.einsum("tkbn,kon->kbto", torch.stack(rates), readout)
        error = (z - targets) * mask[..., None]
        loss = (error**2).sum((1, 2, 3)) / (z.shape[-1] * mask.sum((1, 2)))
        optimizer.zero_grad()
        # networks do not touch each other: the gradient of the sum has each one's own
        loss.sum().backward()
        recurrent.grad.diagonal(dim1=1, dim2=2).zero_()
        optimizer.step()
        return loss.detach()

    def updates(trials, times):
        tensors = [torch.from_numpy(x) for x in trials[:3]]
        for _ in range(times):
            loss = update(*tensors)
        return loss.numpy()

    return updates
