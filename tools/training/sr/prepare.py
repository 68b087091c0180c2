"""Pictures -> sharp HR patches and their bicubic LR patches, as .npy files that training maps into memory.

    python prepare.py OUT PICTURES --fonts FONTS [--table PICTURES.md]

PICTURES: what pictures.py wrote. Photographs are reduced (JPEG ones by at least 1.5, to hide their own artefacts) to one or two sizes,
so that patches are sharp. The pictures in HELD are written to OUT/held/*.png and never trained on. Pages of text and line art
are added from drawn.py; FONTS is a folder of .ttf and .otf files.
"""
import argparse, glob, json, os
import numpy as np
import torch
from PIL import Image
from drawn import page, plain
from imaging import resize, to8

P = 144   # HR patch: divisible by 2, 3 and 4
HELD = ('skimage/chelsea.png', 'skimage/coffee.png', 'skimage/rocket.jpg', 'lomiri/friends_by_Aitzol_Berasategi.jpg', 'budgie/kitten-on-lawn.jpg',
        'budgie/singaporean-cityscape.jpg', 'openexr/ScanLines-Desk.jpg')
HELD_FONT = 'EBGaramond12-Regular'
SOFT = ('nasa/', 'solus/AS08', 'solus/blue', 'solus/Twig', 'solus/dessert', 'budgie/ufo', 'budgie/apollo', 'budgie/accel', 'skimage/hubble')   # sky and abstract: few patches of each


def load(path):
    im = Image.open(path)
    if im.mode in ('RGBA', 'LA', 'P', 'PA'):
        im = im.convert('RGBA')
        im = Image.alpha_composite(Image.new('RGBA', im.size, (255, 255, 255, 255)), im)
    return im, im.convert('RGB')


def activity(p):
    g = p.astype(np.float32).mean(2)
    return np.abs(np.diff(g, axis=0)).mean() + np.abs(np.diff(g, axis=1)).mean()


def patches(a):
    h, w = a.shape[0] // P * P, a.shape[1] // P * P
    a = a[:h, :w]
    lr = {s: to8(resize(a, h // s, w // s)) for s in (2, 3, 4)}
    for y in range(0, h, P):
        for x in range(0, w, P):
            v = activity(a[y:y + P, x:x + P])
            if v >= 4:   # neither flat nor blurred
                yield v, {1: a[y:y + P, x:x + P], **{s: l[y // s:(y + P) // s, x // s:(x + P) // s] for s, l in lr.items()}}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('out')
    ap.add_argument('pictures')
    ap.add_argument('--fonts', required=True)
    ap.add_argument('--table')
    ap.add_argument('--cap', type=int, default=130, help='most patches from one picture')
    ap.add_argument('--drawn', type=float, default=.13, help='share of drawn patches')
    ap.add_argument('--plain', type=int, default=220, help='patches of plain colours')
    o = ap.parse_args()
    torch.set_num_threads(1)
    os.makedirs(os.path.join(o.out, 'held'), exist_ok=True)
    meta = json.load(open(os.path.join(o.pictures, 'pictures.json')))
    acc, count = [], {}
    for name in sorted(meta):
        jpeg, clip = name.endswith('.jpg'), name.startswith('openclipart')
        raw, im = load(os.path.join(o.pictures, name))
        least = 1.5 if jpeg else 1.0
        if name.startswith('openexr'):
            least = 1.25   # lightly compressed
        sizes = (512,) if clip else (1000, 1600)
        got = []
        for n, short in enumerate(sizes):
            k = max(min(im.size) / short, least)
            if n and k * short > min(im.size) + 1:
                break   # no second, larger size
            b = im if k == 1 else im.resize((round(im.width / k), round(im.height / k)), Image.LANCZOS)
            a = np.asarray(b)
            if name in HELD:
                h, w = min(a.shape[0], 576) // 12 * 12, min(a.shape[1], 576) // 12 * 12
                y, x = (a.shape[0] - h) // 2, (a.shape[1] - w) // 2
                Image.fromarray(a[y:y + h, x:x + w]).save(os.path.join(o.out, 'held', os.path.basename(name).rsplit('.', 1)[0] + '.png'))
                break
            if min(a.shape[:2]) >= P:
                got += list(patches(a))
        got.sort(key=lambda t: -t[0])
        cap = 2 if clip else 30 if name.startswith(SOFT) else o.cap
        # half of them the most detailed, the rest spread over what is left
        rest = got[cap // 2:]
        got = got[:cap // 2] + rest[::max(1, -(-len(rest) // (cap - cap // 2)))]
        count[name] = 'held out' if name in HELD else len(got)
        acc += [g[1] for g in got]
    photos = len(acc)
    fonts = sorted(f for e in ('ttf', 'otf') for f in glob.glob(os.path.join(o.fonts, '**', '*.' + e), recursive=True)
                   if not any(w in f for w in ('Icon', 'Initials', 'Swash')))
    rng = np.random.default_rng(1)
    some = [a[1] for a in acc[::7]]
    train = [f for f in fonts if 'Garamond' not in f]
    while len(acc) - photos < o.drawn / (1 - o.drawn) * photos:
        acc += [g[1] for g in patches(page(rng, train, some))]
    drawn = len(acc) - photos
    rng = np.random.default_rng(3)
    for _ in range(o.plain):
        a = plain(rng, P)
        acc.append({1: a, **{s: to8(resize(a, P // s, P // s)) for s in (2, 3, 4)}})
    held = np.random.default_rng(2)
    Image.fromarray(page(held, [f for f in fonts if HELD_FONT in f], some[:1], n=576, only='text')).save(os.path.join(o.out, 'held', 'text.png'))
    for s in (1, 2, 3, 4):
        np.save(os.path.join(o.out, f'x{s}.npy'), np.array([a[s] for a in acc]))
    print(len([c for c in count.values() if c and c != 'held out']), 'pictures,', photos, 'patches,', drawn, 'drawn patches,', o.plain, 'plain ones')
    if o.table:
        with open(o.table, 'w') as f:
            f.write('# Pictures\n\nEvery picture trained on, its author, licence and origin. Patches are 144x144. "held out": used for evaluation only.\n'
                    f'{drawn} further patches (text, charts, line art) and {o.plain} plain ones are drawn by `drawn.py`, with the fonts DejaVu (Bitstream Vera\n'
                    'licence), Liberation 2, Lato, Inconsolata (SIL OFL), Roboto and Open Sans (Apache 2.0). Pictures with CC-BY-4.0 were resized and cropped.\n\n'
                    '| picture | author | licence | origin | patches |\n|---|---|---|---|---|\n')
            clip = [n for n in count if n.startswith('openclipart') and count[n]]
            for n in sorted(count, key=lambda n: n.startswith('openclipart')):
                if count[n] and n not in clip:
                    m = meta[n]
                    f.write(f'| {n} | {m["author"]} | {m["licence"]} | {m["origin"]} | {count[n]} |\n')
            f.write(f'| openclipart: {len(clip)} drawings, listed below | Open Clip Art Library contributors | public domain | '
                    f'Debian openclipart-png 1:0.18+dfsg-19 | {sum(count[n] for n in clip)} |\n\nOpen Clip Art drawings: '
                    + ', '.join(os.path.basename(n)[:-4] for n in clip) + '\n')


if __name__ == '__main__':
    main()
