"""The network: works at half and quarter resolution, adds a correction to its input. Its 3x3 layers are sr/model.py's, over-parameterized while training."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from model import Convs

# c channels at half resolution (enc layers before, dec after), q at quarter resolution (mid layers); 0: that resolution is left out
CONFIGS = {'half32': dict(c=32, enc=7, q=0, mid=0, dec=0), 'quarter64': dict(c=0, enc=0, q=64, mid=7, dec=0),
           'u24': dict(c=24, enc=1, q=64, mid=5, dec=2), 'u32': dict(c=32, enc=1, q=64, mid=4, dec=2)}


def fold(w, s):
    """A 3x3 kernel behind a pixel-unshuffle by s -> the same as one convolution of 3s x 3s with stride s and padding s."""
    o, i = w.shape[0], w.shape[1] // s**2
    return w.reshape(o, i, s, s, 3, 3).permute(0, 1, 4, 2, 5, 3).reshape(o, i, 3 * s, 3 * s)


def basis(s):
    """(3 s s, 3 s s) orthonormal: luma and two chromas times the cosines of an s x s block; and which rows are block means."""
    k = torch.arange(float(s))
    cosines = torch.cos(torch.pi * (k + .5) * k[:, None] / s) * (2 / s)**.5
    cosines[0] *= .5**.5
    colours = torch.tensor([[2., 2, 2], [6**.5, 0, -6**.5], [2**.5, -2 * 2**.5, 2**.5]]) / 12**.5
    return torch.kron(colours, torch.kron(cosines, cosines)), torch.arange(3 * s * s) % (s * s) == 0


class Kernels(nn.Module):
    """What Convs collapses to, to train on from an ONNX file: n 3x3 convolutions, zero before read() fills them."""

    def __init__(self, n, cin, cout, gain=0):
        super().__init__()
        self.n, self.cin, self.cout = n, cin, cout
        self.plain, self.b = nn.Parameter(torch.zeros(n, cout, cin, 3, 3)), nn.Parameter(torch.zeros(n, cout))

    def collapse(self):
        return self.plain, self.b


class Net(nn.Module):
    """NCHW RGB in 0..1, sides multiples of self.multiple -> the same shape, not clipped. plain: Kernels instead of Convs."""

    def __init__(self, kind, plain=False):
        super().__init__()
        k = CONFIGS[kind]
        c, q, self.kind, self.plain = k['c'], k['q'], kind, plain
        group = Kernels if plain else Convs
        self.first = 2 if c else 4   # stride of the first layer
        self.multiple = 4 if q else 2
        self.head = group(1, 3 * self.first**2, c or q, gain=2.0)
        self.enc = group(k['enc'], c, c, gain=.1) if c else None
        if c and q:
            self.down = nn.Conv2d(c, q, 2, 2)
            self.up = nn.Conv2d(q, 4 * c, 1)
            nn.init.normal_(self.up.weight, 0, .1 * q**-.5)
        self.mid = group(k['mid'], q, q, gain=.1) if q else None
        self.dec = group(k['dec'], c, c, gain=.1) if c and k['dec'] else None
        self.tail = group(1, c or q, 3 * self.first**2, gain=.02)
        # Means outweigh details about tenfold in a picture; without this the network stays at the identity for thousands of steps.
        m, means = basis(self.first)
        self.register_buffer('into', m * torch.where(means, .5, 4.)[:, None], persistent=False)
        self.register_buffer('out_of', m * .3, persistent=False)

    def outer(self):
        """Kernels and biases of the first and the last layer, on pixel-unshuffled RGB."""
        (hw,), (hb,) = self.head.collapse()
        (tw,), (tb,) = self.tail.collapse()
        return torch.einsum('oikl,ij->ojkl', hw, self.into), hb, torch.einsum('oikl,oj->jikl', tw, self.out_of), tb @ self.out_of

    def forward(self, x):
        def convs(y, group):
            for w, b in zip(*group.collapse()) if group else ():
                y = F.leaky_relu_(F.conv2d(y, w, b, padding=1), .1)
            return y

        hw, hb, tw, tb = self.outer()
        y = convs(F.leaky_relu_(F.conv2d(F.pixel_unshuffle(x - .5, self.first), hw, hb, padding=1), .1), self.enc)
        if self.enc and self.mid:
            z = convs(F.leaky_relu_(self.down(y), .1), self.mid)
            y = y + F.pixel_shuffle(self.up(z), 2)
        else:
            y = convs(y, self.mid)
        y = F.conv2d(convs(y, self.dec), tw, tb, padding=1)
        return F.pixel_shuffle(y.float(), self.first) + x

    def macs(self):
        """Multiply-adds per pixel."""
        at = self.first**2
        n = sum(l.n * l.cin * l.cout * 9 / (16 if l is self.mid else at) for l in (self.head, self.enc, self.mid, self.dec, self.tail) if l)
        return n + (self.down.weight.numel() + self.up.weight.numel()) / 16 if self.enc and self.mid else n
