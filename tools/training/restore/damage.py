"""What a picture may have gone through: JPEG 20-95 (4:2:0 or 4:4:4, its grid anywhere), noise up to sigma 20, both, or nothing."""
import numpy as np
from PIL import Image
from degrade import jpeg

MARGIN = 16   # so that the 8x8 and 16x16 grids of JPEG lie anywhere
SHARES = dict(clean=.1, jpeg=.57, noise=.12, both=.21)


def noisy(a, sigma, rng, grey=False):
    return np.clip(np.round(a + rng.normal(0, sigma, (*a.shape[:2], 1) if grey else a.shape).astype(np.float32)), 0, 255).astype(np.uint8)


def squeezed(a, quality, subsampling=2):
    return np.asarray(jpeg(Image.fromarray(a), quality, subsampling))


def pair(source, size, rng, kind=None):
    """A random crop of a (P, P, 3) patch, P >= size + MARGIN -> damaged and clean, (size, size, 3) uint8, flipped and turned at random."""
    y, x = rng.integers(0, source.shape[0] - size - MARGIN + 1, 2)
    clean = source[y:y + size + MARGIN, x:x + size + MARGIN]
    clean = np.ascontiguousarray(np.rot90(clean[:, ::-1] if rng.random() < .5 else clean, rng.integers(4)))
    kind = kind or rng.choice(list(SHARES), p=list(SHARES.values()))
    a = clean
    if kind in ('noise', 'both'):
        a = noisy(a, rng.uniform(.3, 20 if kind == 'noise' else 15), rng, rng.random() < .35)
    if kind in ('jpeg', 'both'):
        a = squeezed(a, int(rng.integers(20, 96)), int(rng.choice([0, 2], p=[.35, .65])))
    y, x = rng.integers(0, MARGIN, 2)
    return a[y:y + size, x:x + size], clean[y:y + size, x:x + size]
