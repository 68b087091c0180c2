"""Gathers the pictures into one .npz of RGB arrays (short side <= 640) and writes PICTURES.md.

    python photos.py OUT.npz UNPACKED_PACKAGES [PICTURES.md]

Every picture is named here with its licence, author and split. `train`: used for training (public domain, CC0 or CC BY only).
`dev`: looked at during development. `test`: only used for the final evaluation and the contact sheet.
"""
import bz2, os, sys
import numpy as np
from PIL import Image

L16, L20 = 'lomiri-wallpapers-16.04/usr/share/backgrounds/', 'lomiri-wallpapers-20.04/usr/share/backgrounds/'
SKI = 'python3-skimage/usr/lib/python3/dist-packages/skimage/data/'
SKL = 'python3-sklearn/usr/lib/python3/dist-packages/sklearn/datasets/images/'
PICTURES = [  # path below the folder of unpacked Debian packages, licence, author, split
    (L16 + 'aitzgorri_by_Aitzol_Berasategi.jpg', 'CC-BY-4.0', 'Aitzol Berasategi', 'train'),
    (L16 + 'friends_by_Aitzol_Berasategi.jpg', 'CC-BY-4.0', 'Aitzol Berasategi', 'train'),
    (L16 + 'life_by_Aitzol_Berasategi.jpg', 'CC-BY-4.0', 'Aitzol Berasategi', 'train'),
    (L16 + 'picosdeeuropa_by_Aitzol_Berasategi.jpg', 'CC-BY-4.0', 'Aitzol Berasategi', 'train'),
    (L16 + 'sunset_by_Aitzol_Berasategi.jpg', 'CC-BY-4.0', 'Aitzol Berasategi', 'train'),
    (L16 + 'Picture_0B_by_freespace.jpg', 'CC-BY-4.0', 'Trevor "Freespace"', 'train'),
    (L16 + 'Picture_1A_by_freespace.jpg', 'CC-BY-4.0', 'Trevor "Freespace"', 'train'),
    (L16 + 'umang_by_Abhishek_Mudgal.jpg', 'CC-BY-4.0', 'Abhishek Mudgal', 'train'),
    (L16 + 'Wine_by_Jakkub_Mede.jpg', 'CC-BY-4.0', 'Jakub Mede', 'dev'),
    (SKL + 'china.jpg', 'CC-BY-2.0', 'danielbuechele (Flickr)', 'train'),
    (SKL + 'flower.jpg', 'CC-BY-2.0', 'vultilion (Flickr)', 'train'),
    (SKI + 'astronaut.png', 'public domain', 'NASA', 'train'),
    (SKI + 'brick.png', 'CC0-1.0', 'CC0Textures', 'train'),
    (SKI + 'grass.png', 'CC0-1.0', 'see scikit-image, data.grass', 'train'),
    (SKI + 'gravel.png', 'CC0-1.0', 'CC0Textures', 'train'),
    (SKI + 'camera.png', 'CC0-1.0', 'Lav Varshney', 'train'),
    (SKI + 'cell.png', 'CC0-1.0', 'see scikit-image, data.cell', 'train'),
    (SKI + 'clock_motion.png', 'public domain', 'Stefan van der Walt', 'train'),
    (SKI + 'chelsea.png', 'CC0-1.0', 'Stefan van der Walt', 'dev'),
    (SKI + 'hubble_deep_field.jpg', 'public domain', 'NASA', 'train'),
    (SKI + 'retina.jpg', 'CC0-1.0', 'see scikit-image, data.retina', 'train'),
    (SKI + 'rocket.jpg', 'public domain', 'SpaceX', 'train'),
    ('python3-scipy/usr/lib/python3/dist-packages/scipy/misc/face.dat', 'public domain', 'public-domain-image.com', 'train'),
    (SKI + 'coffee.png', 'CC0-1.0', 'Rachel Michetti', 'test'),
    (L16 + 'seeding_by_Clements_Engelhardt.jpg', 'CC0-1.0', 'Clemens Engelhardt', 'test'),
    (L16 + 'Bridge_by_Sander_Klootwijk.jpg', 'CC-BY-SA-4.0', 'Sander Klootwijk', 'test'),
    (L16 + 'Dragonfly_by_Bolly.jpg', 'CC-BY-SA-4.0', '"Bolly"', 'test'),
    (L16 + 'analogpattern_by_Peter_Nerlich.jpg', 'CC-BY-SA-4.0', 'Peter Nerlich', 'test'),
    (L16 + 'free_by_Peter_Nerlich.jpg', 'CC-BY-SA-4.0', 'Peter Nerlich', 'test'),
    (L16 + 'greentock_by_Peter_Nerlich.jpg', 'CC-BY-SA-4.0', 'Peter Nerlich', 'test'),
    (L20 + 'Fossa_by_Jasper_Roks.jpg', 'CC-BY-SA-3.0', 'Jasper Roks', 'test'),
    (L20 + 'Kleiber_by_Lukas_Baubkus.jpg', 'CC-BY-SA-3.0', 'Lukas Baubkus', 'test'),
    (L20 + 'Painting-Colors_by__herobrine7gamer.jpg', 'CC-BY-SA-3.0', 'HEROBRINE7GAMER', 'test'),
]


def load(p):
    if p.endswith('.dat'):
        im = Image.fromarray(np.frombuffer(bz2.decompress(open(p, 'rb').read()), np.uint8).reshape(768, 1024, 3))
    else:
        im = Image.open(p).convert('RGB')
    k = 640 / min(im.size)
    if k < 1:
        im = im.resize((round(im.width * k), round(im.height * k)), Image.LANCZOS, reducing_gap=3)
    return np.asarray(im)


def main(out, root, table=None):
    o = np.empty(len(PICTURES), object)
    for i, p in enumerate(PICTURES):
        o[i] = load(os.path.join(root, p[0]))
    np.savez(out, images=o, names=np.array([os.path.basename(p[0]) for p in PICTURES]), split=np.array([p[3] for p in PICTURES]))
    print({s: sum(p[3] == s for p in PICTURES) for s in ('train', 'dev', 'test')})
    if table:
        with open(table, 'w') as f:
            f.write('# Pictures\n\nTaken from Debian (bookworm) packages; licence and author as stated in the package\'s copyright file or, for scikit-image, scikit-learn and '
                    'SciPy, in their documentation of the sample data. `train` pictures (besides procedural ones, made from random numbers) '
                    'are public domain, CC0 or CC BY. `dev` pictures were looked at during development and never trained on; `test` pictures were used for the final evaluation only '
                    '(a licence such as CC BY-SA there does not touch the weights). Of these only `seeding` (CC0) is in the contact sheet of the model.\n\n'
                    '| split | picture | Debian package | licence | author |\n|---|---|---|---|---|\n')
            for s in ('train', 'dev', 'test'):
                for p, l, a, q in PICTURES:
                    if q == s:
                        f.write('| %s | %s | %s | %s | %s |\n' % (q, os.path.basename(p), p.split('/')[0], l, a))


if __name__ == '__main__':
    main(*sys.argv[1:])
