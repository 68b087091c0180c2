"""Gathers the permissively licensed pictures that training uses.

    python pictures.py OUT --debs UNPACKED --clones CLONES

UNPACKED: a folder with one unpacked Debian package per folder (dpkg -x). CLONES: a folder with the git repositories named below
(any clone, bare or not, as OWNER+NAME/repo). Writes OUT/<source>/* and OUT/pictures.json (author, licence and origin of each).
"""
import argparse, hashlib, json, os, shutil, subprocess

CC0, BY = 'CC0-1.0', 'CC-BY-4.0'
LOMIRI = {  # Debian lomiri-wallpapers-16.04 20.04.0-2, per its copyright file; the CC-BY-SA ones are left out
    'aitzgorri_by_Aitzol_Berasategi.jpg': ('Aitzol Berasategi', BY), 'friends_by_Aitzol_Berasategi.jpg': ('Aitzol Berasategi', BY),
    'life_by_Aitzol_Berasategi.jpg': ('Aitzol Berasategi', BY), 'picosdeeuropa_by_Aitzol_Berasategi.jpg': ('Aitzol Berasategi', BY),
    'sunset_by_Aitzol_Berasategi.jpg': ('Aitzol Berasategi', BY), 'Picture_0B_by_freespace.jpg': ('Trevor "Freespace"', BY),
    'Picture_1A_by_freespace.jpg': ('Trevor "Freespace"', BY), 'seeding_by_Clements_Engelhardt.jpg': ('Clemens Engelhardt', CC0),
    'Wine_by_Jakkub_Mede.jpg': ('Jakub Mede', BY)}
SKIMAGE = {  # Debian python3-skimage 0.19.3-8, per skimage/data/_fetchers.py
    'astronaut.png': ('NASA', 'public domain'), 'camera.png': ('Lav Varshney', CC0), 'brick.png': ('CC0Textures', CC0),
    'gravel.png': ('CC0Textures', CC0), 'grass.png': ('linolafett', CC0), 'hubble_deep_field.jpg': ('NASA', 'public domain'),
    'retina.jpg': ('Mikael Häggström', CC0), 'chelsea.png': ('Stefan van der Walt', CC0), 'coffee.png': ('Rachel Michetti', CC0),
    'rocket.jpg': ('SpaceX', 'public domain')}
BUDGIE = ('BuddiesOfBudgie+budgie-backgrounds', 'backgrounds/', {  # CC0-1.0 as a whole; commit of each picture
    **{n: ('82067426', a) for n, a in {
        'abstract-spiral': '', 'beacon-street-sunset': 'Campbell Jones', 'blue-periwinkle': '', 'canyon-wren': '', 'casa-mila': '',
        'extreme-desert-hike': '', 'high-trestle-trail': '', 'lake-sherburne': 'US National Park Service', 'oakland-zoo-otters': '',
        'ocean-waves': '', 'perched-osprey': '', 'piazza-gae-aulenti': '', 'roman-colosseum': '', 'singaporean-cityscape': '',
        'tea-gardens': '', 'the-spices-of-life': 'Julius Enriquez'}.items()},
    'accelerated-green': ('f57b605b', ''), 'dragonfly-on-lavender': ('f57b605b', ''), 'kitten-on-lawn': ('f57b605b', 'Julius Enriquez'),
    'motherboard-circuits': ('f57b605b', ''), 'orange-hallway': ('f57b605b', ''), 'solaris-grapes': ('f57b605b', ''),
    'ufo-galaxy': ('f57b605b', 'NASA, ESA'), 'apollo-11-earth': ('f57b605b', 'NASA')})
SOLUS = ('getsolus+artwork', 'backgrounds/', {  # per its Attribution file; the CC-BY-SA ones are left out
    'vents-du-sud': ('935b24ac', 'Christian Ferrer', BY), 'Twigonometry': ('935b24ac', 'Alan Diggs', BY),
    'AS08-16-2593': ('935b24ac', 'NASA', 'public domain'), 'green-glass-vase': ('935b24ac', 'Steve Johnson', 'public domain'),
    'dessert-at-dusk': ('935b24ac', 'Steve Johnson', 'public domain'), 'blue-wallpaper': ('935b24ac', 'Steve Johnson', 'public domain')})
EXR = ('AcademySoftwareFoundation+openexr-images', '', ['LuminanceChroma/' + n for n in ('CrissyField', 'Flowers', 'Garden', 'MtTamNorth')]
       + ['ScanLines/' + n for n in ('Cannon', 'Desk', 'MtTamWest', 'PrismsLenses', 'StillLife', 'Tree')]
       + ['Tiles/GoldenGate', 'Tiles/Ocean', 'MultiView/Adjuster', 'MultiView/LosPadres', 'MultiResolution/Bonita', 'MultiResolution/Kapaa'])
WESATURATE = ('libjxl+testdata', 'external/wesaturate/500px/', ['cvo9xd_keong_macan_srgb8', 'tmshre_riaphotographs_srgb8', 'u76c0g_bliznaca_srgb8'])
POP = ('pop-os+wallpapers', 'original/', ['nasa-45068', 'nasa-53884', 'nasa-89127'])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('out')
    ap.add_argument('--debs', required=True)
    ap.add_argument('--clones', required=True)
    ap.add_argument('--clipart', type=int, default=150)
    o = ap.parse_args()
    meta = {}

    def put(source, name, data, author, licence, origin):
        d = os.path.join(o.out, source)
        os.makedirs(d, exist_ok=True)
        open(os.path.join(d, name), 'wb').write(data)
        meta[f'{source}/{name}'] = dict(author=author, licence=licence, origin=origin)

    def git(repo, commit, path):
        r = subprocess.run(['git', '-C', os.path.join(o.clones, repo, 'repo'), 'show', f'{commit}:{path}'], capture_output=True)
        return r.stdout if r.returncode == 0 and len(r.stdout) > 1000 else None

    for n, (a, l) in LOMIRI.items():
        put('lomiri', n, open(f'{o.debs}/lomiri-wallpapers-16.04/usr/share/backgrounds/{n}', 'rb').read(), a, l, 'Debian lomiri-wallpapers-16.04 20.04.0-2')
    for n, (a, l) in SKIMAGE.items():
        put('skimage', n, open(f'{o.debs}/python3-skimage/usr/lib/python3/dist-packages/skimage/data/{n}', 'rb').read(), a, l, 'Debian python3-skimage 0.19.3-8')
    for n, (c, a) in BUDGIE[2].items():
        d = git(BUDGIE[0], c, f'{BUDGIE[1]}{n}.jpg')
        if d:
            put('budgie', n + '.jpg', d, a or 'not named there', 'public domain' if 'NASA' in a or 'Park' in a else CC0,
                f'github.com/BuddiesOfBudgie/budgie-backgrounds @{c} (CC0-1.0 throughout)')
    for n, (c, a, l) in SOLUS[2].items():
        d = git(SOLUS[0], c, f'{SOLUS[1]}{n}.jpg')
        if d:
            put('solus', n + '.jpg', d, a, l, f'github.com/getsolus/artwork @{c}')
    for n in EXR[2]:
        d = git(EXR[0], 'e38ffb07', n + '.jpg')
        if d:
            put('openexr', n.replace('/', '-') + '.jpg', d, 'Industrial Light & Magic and contributors', 'BSD-3-Clause',
                'github.com/AcademySoftwareFoundation/openexr-images @e38ffb07')
    for n in WESATURATE[2]:
        d = git(WESATURATE[0], '73695d30', f'{WESATURATE[1]}{n}.png')
        if d:
            put('wesaturate', n + '.png', d, n.split('_', 1)[1].rsplit('_', 1)[0], CC0, 'github.com/libjxl/testdata @73695d30 external/wesaturate')
    for n in POP[2]:
        d = git(POP[0], '03a25a1', f'{POP[1]}{n}.jpg')
        if d:
            put('nasa', n + '.jpg', d, 'NASA', 'public domain', 'github.com/pop-os/wallpapers @03a25a1')
    clip = []
    for d, _, fs in os.walk(f'{o.debs}/openclipart-png/usr/share/openclipart/png'):
        clip += [os.path.join(d, f) for f in fs if f.endswith('.png') and os.path.getsize(os.path.join(d, f)) > 40000]
    clip.sort(key=lambda p: hashlib.sha256(os.path.basename(p).encode()).hexdigest())
    for p in clip[:o.clipart]:
        put('openclipart', os.path.basename(p), open(p, 'rb').read(), 'Open Clip Art Library contributor', 'public domain', 'Debian openclipart-png 1:0.18+dfsg-19')
    json.dump(meta, open(os.path.join(o.out, 'pictures.json'), 'w'), indent=1, ensure_ascii=False)
    print(len(meta), 'pictures')


if __name__ == '__main__':
    main()
