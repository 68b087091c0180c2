"""PSNR tables (Y channel, shave = scale), bicubic included.

    python evaluate.py --sets SETS [--onnx FILE:SCALE[:nhwc] ...] [--held FOLDER] [--out results.json]

SETS holds NAME/xS/*_HR.png (Set5, Set14). FILE: an ONNX model; nhwc for models with an NHWC input. --held: a folder of
undegraded held-out pictures. Each set is also measured with the input JPEG-compressed at quality 75 (4:2:0), and with the mixed
damage of degrade.py (a fixed seed per picture). OMP_NUM_THREADS limits the threads. An existing results file is updated.
"""
import argparse, glob, json, os
import numpy as np
from PIL import Image
from degrade import degrade, jpeg
from imaging import psnr_rgb, psnr_y, resize, to8


def pairs(sets, name, scale):
    out = []
    for f in sorted(glob.glob(os.path.join(sets, name, f'x{scale}', '*.png'))):
        im = Image.open(f)
        hr = np.asarray(im.convert('RGB'))
        hr = hr[:hr.shape[0] // scale * scale, :hr.shape[1] // scale * scale]
        out.append((hr, to8(resize(hr, hr.shape[0] // scale, hr.shape[1] // scale)), im.mode == 'L'))
    return out


def spoil(ps, scale, quality=None):
    """quality: nothing but JPEG (4:2:0) of that quality."""
    return [(hr, np.asarray(jpeg(Image.fromarray(lr), quality)) if quality else degrade(hr, scale, np.random.default_rng(i)), g)
            for i, (hr, lr, g) in enumerate(ps)]


def bicubic(lr, scale):
    return to8(resize(lr, lr.shape[0] * scale, lr.shape[1] * scale))


def runner(spec):
    import onnxruntime as ort
    p = spec.split(':')
    so = ort.SessionOptions()
    so.intra_op_num_threads = int(os.environ.get('OMP_NUM_THREADS', 0))
    s = ort.InferenceSession(p[0], so, providers=['CPUExecutionProvider'])
    name, nhwc = s.get_inputs()[0].name, 'nhwc' in p[2:]

    def f(lr):
        x = lr[None].astype(np.float32)
        y = s.run(None, {name: x if nhwc else x.transpose(0, 3, 1, 2)})[0][0]
        return to8(y if nhwc else y.transpose(1, 2, 0))
    return f, int(p[1])


def table(f, ps, scale):
    y = [(psnr_y(o, hr, scale, g), psnr_rgb(o, hr, scale)) for hr, o, g in ((hr, f(lr), g) for hr, lr, g in ps)]
    return {'psnr_y': round(float(np.mean([a for a, _ in y])), 3), 'psnr_rgb': round(float(np.mean([b for _, b in y])), 3), 'n': len(y)}


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--sets')
    ap.add_argument('--onnx', nargs='*', default=[])
    ap.add_argument('--held')
    ap.add_argument('--out')
    o = ap.parse_args()
    ms = [(os.path.basename(m.split(':')[0]), *runner(m)) for m in o.onnx]
    res = {}
    for scale in sorted({m[2] for m in ms} or {2, 3, 4}):
        cols = [('bicubic', lambda lr: bicubic(lr, scale))] + [(n, f) for n, f, s in ms if s == scale]
        data = {n: pairs(o.sets, n, scale) for n in ('Set5', 'Set14')} if o.sets else {}
        if o.held:
            data['held'] = []
            for f in sorted(glob.glob(os.path.join(o.held, '*.png'))):
                h = np.asarray(Image.open(f).convert('RGB'))
                h = h[:h.shape[0] // 12 * 12, :h.shape[1] // 12 * 12]
                data['held'].append((h, to8(resize(h, h.shape[0] // scale, h.shape[1] // scale)), False))
        for n in list(data):
            data[n + '-jpeg75'], data[n + '-degraded'] = spoil(data[n], scale, 75), spoil(data[n], scale)
        for sn, ps in data.items():
            for n, f in cols:
                r = res.setdefault(f'x{scale}', {}).setdefault(sn, {})[n] = table(f, ps, scale)
                print(f'x{scale} {sn:15} {n:32} Y {r["psnr_y"]:.2f}  RGB {r["psnr_rgb"]:.2f}', flush=True)
    if o.out:
        old = json.load(open(o.out)) if os.path.exists(o.out) else {}
        for sc, sets in res.items():
            for sn, rows in sets.items():
                old.setdefault(sc, {}).setdefault(sn, {}).update(rows)
        json.dump(old, open(o.out, 'w'), indent=1)


if __name__ == '__main__':
    main()
