"""Pictures -> OUT/pictures.npy, OUT/drawn.npy (160x160 patches) and OUT/held/*.png; the same pictures and split as sr/PICTURES.md.

    python gather.py OUT PICTURES --shared SHARED --fonts FONTS

PICTURES: what sr/pictures.py wrote (here from the Debian packages). SHARED: a folder with the pictures it did not get, reduced to 1000 pixels.
"""
import argparse, glob, json, os
import numpy as np
from PIL import Image
from drawn import page, plain
from prepare import HELD, HELD_FONT, SOFT, activity, load

P = 160


def crops(a):
    """Patches with their activity; flat ones too, for skies show blocks and noise most."""
    for y in range(0, a.shape[0] - P + 1, P):
        for x in range(0, a.shape[1] - P + 1, P):
            p = a[y:y + P, x:x + P]
            yield activity(p), p


def reduced(im, k):
    return np.asarray(im if k == 1 else im.resize((round(im.width / k), round(im.height / k)), Image.LANCZOS))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('out')
    ap.add_argument('pictures')
    ap.add_argument('--shared', required=True)
    ap.add_argument('--fonts', required=True)
    ap.add_argument('--drawn', type=int, default=8000, help='drawn patches: as many that the network learns print, not pages by heart')
    o = ap.parse_args()
    os.makedirs(f'{o.out}/held', exist_ok=True)
    found = {n: f'{o.pictures}/{n}' for n in json.load(open(f'{o.pictures}/pictures.json'))}
    have = {n.rsplit('.', 1)[0] for n in found}
    for f in sorted(glob.glob(f'{o.shared}/*/*.jpg')):
        n = os.path.relpath(f, o.shared)
        if n.rsplit('.', 1)[0] not in have:
            found[n] = f
    acc = []
    for n in sorted(found):
        raw, im = load(found[n])
        shared = found[n].startswith(o.shared)
        least = 1.25 if n.startswith('openexr') else 1.5 if n.endswith('.jpg') else 1
        if n in HELD:   # reduced once already where it is a shared one of 1000 pixels
            a = reduced(im, max(min(im.size) / 1000, 1 if shared and min(im.size) == 1000 else least))
            h, w = min(a.shape[0], 576) // 12 * 12, min(a.shape[1], 576) // 12 * 12
            y, x = (a.shape[0] - h) // 2, (a.shape[1] - w) // 2
            Image.fromarray(a[y:y + h, x:x + w]).save(f'{o.out}/held/{os.path.basename(n).rsplit(".", 1)[0]}.png')
            continue
        clip = n.startswith('openclipart')
        got, sizes = [], (512,) if clip else (500, 700, 850, 1000)
        for k in sorted({max(min(im.size) / short, least) for short in sizes}):
            got += list(crops(reduced(im, k)))
        got.sort(key=lambda t: -t[0])
        cap = 2 if clip else 16 if n.startswith(SOFT) else 100
        acc += [p for _, p in got[:cap // 2] + got[cap // 2:][::max(1, -(-len(got[cap // 2:]) // (cap - cap // 2)))]]
    photos = len(acc)
    rng, fonts = np.random.default_rng(1), sorted(glob.glob(f'{o.fonts}/*.[to]tf'))
    train = [f for f in fonts if 'Garamond' not in f]
    np.save(f'{o.out}/pictures.npy', np.array(acc))
    drawn = []
    while len(drawn) < o.drawn:
        drawn += [p for v, p in crops(page(rng, train, acc[::7], n=480)) if v >= 4]
    drawn += [plain(rng, P) for _ in range(o.drawn // 12)]
    np.save(f'{o.out}/drawn.npy', np.array(drawn))
    # the held-out page of text: font and picture behind it are those of sr/prepare.py where the pictures are
    held = [f for f in fonts if HELD_FONT in f]
    Image.fromarray(page(np.random.default_rng(2), held, acc[:1], n=576, only='text')).save(f'{o.out}/held/text.png')
    print(photos, 'patches of pictures,', len(drawn), 'drawn')


if __name__ == '__main__':
    main()
