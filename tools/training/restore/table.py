"""PSNR (dB, RGB, mean and worst of the held-out pictures' upper left 432x432 pixels) of ONNX models under fixed damage.

    python table.py DATA/held OUT.json NAME=FILE.onnx ...
"""
import functools, glob, json, os, sys
import numpy as np
from PIL import Image
from damage import noisy, squeezed
from evaluate import runner
from imaging import psnr_rgb

DAMAGES = {'clean': lambda a, r: a, **{f'noise {s}': lambda a, r, s=s: noisy(a, s, r) for s in (5, 10, 20)},
           **{f'JPEG {q}': lambda a, r, q=q: squeezed(a, q) for q in (90, 75, 40, 20)}, 'JPEG 40 4:4:4': lambda a, r: squeezed(a, 40, 0),
           'noise 5, JPEG 70': lambda a, r: squeezed(noisy(a, 5, r), 70), 'noise 10, JPEG 50': lambda a, r: squeezed(noisy(a, 10, r), 50)}


@functools.lru_cache(1)
def pictures(held):
    ps = [np.asarray(Image.open(f).convert('RGB'))[:432, :432] for f in sorted(glob.glob(f'{held}/*.png'))]
    return {n: [(p, d(p, np.random.default_rng(i))) for i, p in enumerate(ps)] for n, d in DAMAGES.items()}


def rows(held, f):
    """f: (H, W, 3) uint8 -> the same; None: nothing is done."""
    r = {}
    for n, ps in pictures(held).items():
        if f or n != 'clean':
            v = [min(60, psnr_rgb(f(x) if f else x, p, 1)) for p, x in ps]
            r[n] = dict(mean=round(float(np.mean(v)), 3), worst=round(float(np.min(v)), 3))
    return r


def main(held, out, *models):
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    t = json.load(open(out)) if os.path.exists(out) else {}
    t['nothing'] = rows(held, None)
    for m in models:
        name, file = m.split('=')
        t[name] = rows(held, runner(f'{file}:1')[0])
    json.dump(t, open(out, 'w'), indent=1)
    print('| damage |', ' | '.join(t), '|')
    for n in DAMAGES:
        print(f'| {n} |', ' | '.join(f'{c[n]["mean"]:.2f} ({c[n]["worst"]:.2f})' if n in c else '-' for c in t.values()), '|')


if __name__ == '__main__':
    main(*sys.argv[1:])
