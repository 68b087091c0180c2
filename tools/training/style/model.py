"""The style network: half resolution in, quarter resolution inside, no normalisation, so that tiles match the whole.

RGB 0..1 -> RGB 0..1, same size (sides a multiple of 4). About 20 k multiply-adds per pixel, receptive radius 36 pixels.
Enlarging repeats pixels and convolves: a pixel shuffle leaves a dotted grid.
"""
import torch.nn as nn
import torch.nn.functional as F


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.a = nn.Conv2d(c, c, 3, padding=1, padding_mode='replicate')
        self.b = nn.Conv2d(c, c, 3, padding=1, padding_mode='replicate')
        nn.init.zeros_(self.b.weight); nn.init.zeros_(self.b.bias)

    def forward(self, x):
        return x + self.b(F.relu(self.a(x)))


class Style(nn.Module):
    def __init__(self, half=24, quarter=64, blocks=3):
        super().__init__()
        conv = lambda i, o, k=3, s=1: nn.Conv2d(i, o, k, stride=s, padding=k // 2, padding_mode='replicate')
        self.head = conv(12, half)
        self.down = conv(half, quarter, 3, 2)
        self.body = nn.Sequential(*[Block(quarter) for _ in range(blocks)])
        self.up = conv(quarter, half)
        self.merge = conv(half, half)
        self.tail = conv(half, 3)
        nn.init.normal_(self.tail.weight, std=1e-3); nn.init.zeros_(self.tail.bias)

    def forward(self, x):
        h = F.relu(self.head(F.pixel_unshuffle(x - .5, 2)))
        q = self.body(F.relu(self.down(h)))
        y = F.relu(self.up(F.interpolate(F.relu(q), scale_factor=2, mode='nearest')) + h)
        y = F.relu(self.merge(y))
        return x + self.tail(F.interpolate(y, scale_factor=2, mode='nearest'))
