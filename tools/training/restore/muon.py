"""Muon (Keller Jordan, 2024): momentum, made orthogonal by Newton-Schulz steps. For the kernels of convolutions, (n, out, in, kh, kw) or (out, in, kh, kw)."""
import torch


def orthogonal(g, steps=5):
    """(n, r, c) -> about U V^T of each matrix's singular value decomposition."""
    x = g.transpose(1, 2) if g.shape[1] > g.shape[2] else g
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-12)
    for _ in range(steps):
        a = x @ x.transpose(1, 2)
        x = 3.4445 * x + (2.0315 * a @ a - 4.775 * a) @ x
    return x.transpose(1, 2) if g.shape[1] > g.shape[2] else x


class Muon(torch.optim.Optimizer):
    """lr is that of Adam: an update's root mean square is about .2 lr."""

    def __init__(self, params, lr, momentum=.95):
        super().__init__(params, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                m = self.state[p].setdefault('momentum', torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group['momentum'])
                g = p.grad.lerp(m, group['momentum'])
                g = g.reshape(p.shape[0], p.shape[1], -1) if p.dim() == 5 else g.reshape(1, p.shape[0], -1)
                p.add_(orthogonal(g).view_as(p), alpha=-.2 * group['lr'] * max(g.shape[1:])**.5)
