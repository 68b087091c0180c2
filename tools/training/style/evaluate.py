"""Style and content distances of exported networks, and a contact sheet.

    python evaluate.py --features SQUEEZENET --out results.json --sheet contact-sheet.jpg --photos A.png B.png --style NAME=PAINTING=NETWORK.onnx ...
"""
import argparse, json
import numpy as np
import onnxruntime
import torch
from PIL import Image
from features import CONTENT, STYLE, Squeeze, gram, short, tensor

ap = argparse.ArgumentParser()
for name in ('features', 'out', 'sheet'):
    ap.add_argument('--' + name, required=True)
ap.add_argument('--photos', nargs='+', required=True)
ap.add_argument('--style', nargs='+', required=True)
o = ap.parse_args()
phi, results, rows = Squeeze(o.features), {}, []
photos = []
for f in o.photos:
    a = np.asarray(short(Image.open(f).convert('RGB'), 320))
    photos.append(a[:a.shape[0] // 4 * 4, :a.shape[1] // 4 * 4])
rows.append(photos)
for spec in o.style:
    name, painting, network = spec.split('=')
    session = onnxruntime.InferenceSession(network)
    with torch.no_grad():
        target = phi(tensor(short(Image.open(painting), 384)), last=8)
        row, before, after, content = [], [], [], []
        for a in photos:
            x = np.ascontiguousarray(a.transpose(2, 0, 1)[None], np.float32)
            y = np.round(session.run(None, {'image': x})[0])
            row.append(y[0].transpose(1, 2, 0).astype(np.uint8))
            fx, fy = phi(torch.from_numpy(x) / 255, last=8), phi(torch.from_numpy(y) / 255, last=8)
            d = lambda f: float(sum((gram(f[i]) - gram(target[i])).square().sum() / gram(target[i]).square().sum() for i in STYLE))
            before.append(d(fx)); after.append(d(fy))
            content.append(float((fy[CONTENT] - fx[CONTENT]).square().mean() / fx[CONTENT].square().mean()))
    results[name] = dict(style_distance_of_the_photograph=round(float(np.mean(before)), 2), of_the_result=round(float(np.mean(after)), 2), content_distance=round(float(np.mean(content)), 2))
    print(name, results[name])
    rows.append(row)
json.dump(results, open(o.out, 'w'), indent=1)
strip = lambda row: np.concatenate([np.pad(a[:320, :320], ((0, 320 - min(320, a.shape[0])), (0, 320 - min(320, a.shape[1])), (0, 0))) for a in row], 1)
Image.fromarray(np.concatenate([strip(r) for r in rows])).save(o.sheet, quality=88)
