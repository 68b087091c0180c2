"""Crops of held-out pictures: source, damaged, and what each network makes of it.

    python sheet.py DATA/held OUT.png NAME=FILE.onnx ...
"""
import os, sys
import numpy as np
from PIL import Image, ImageDraw
from damage import noisy, squeezed
from evaluate import runner

N, ZOOM = 104, 2
# label, file, left, top, damage
ROWS = [('JPEG 40', 'chelsea', 150, 60, lambda a, r: squeezed(a, 40)), ('JPEG 40', 'text', 60, 130, lambda a, r: squeezed(a, 40)),
        ('JPEG 20', 'friends_by_Aitzol_Berasategi', 160, 160, lambda a, r: squeezed(a, 20)), ('noise 15', 'coffee', 300, 220, lambda a, r: noisy(a, 15, r)),
        ('noise 8, JPEG 60', 'singaporean-cityscape', 300, 200, lambda a, r: squeezed(noisy(a, 8, r), 60)), ('none', 'kitten-on-lawn', 150, 200, lambda a, r: a)]


def main(held, out, *models):
    os.environ.setdefault('OMP_NUM_THREADS', '1')
    nets = {n: runner(f'{f}:1')[0] for n, f in (m.split('=') for m in models)}
    names, cell = ['source', 'damaged', *nets], N * ZOOM + 4
    sheet = Image.new('RGB', (len(names) * cell, len(ROWS) * (cell + 12) + 16), (255, 255, 255))
    d = ImageDraw.Draw(sheet)
    for i, n in enumerate(names):
        d.text((i * cell + 4, 2), n, fill=(0, 0, 0))
    for r, (label, name, x, y, spoil) in enumerate(ROWS):
        a = np.asarray(Image.open(f'{held}/{name}.png').convert('RGB'))[:432, :432]
        spoilt, top = spoil(a, np.random.default_rng(0)), 16 + r * (cell + 12)
        for i, v in enumerate([a, spoilt, *(f(spoilt) for f in nets.values())]):
            sheet.paste(Image.fromarray(v[y:y + N, x:x + N]).resize((N * ZOOM, N * ZOOM), Image.NEAREST), (i * cell, top))
        d.text((4, top + N * ZOOM), f'{name}: {label}', fill=(0, 0, 0))
    sheet.save(out, optimize=True)


if __name__ == '__main__':
    main(*sys.argv[1:])
