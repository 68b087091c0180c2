"""Takes an exported model folder over into the catalogue: int8 graphs and the tokenizer, as flat files.

    python adopt.py MODEL_FOLDER ../../../models/instruct-pix2pix-micro

Afterwards `npm run models` (sizes, hashes and cost go into the manifest) and `npm run test:unit -- tools/models`.
"""
import json, os, sys
import onnx

#: bundlers inline smaller files as data: URLs, which a page with `connect-src 'self'` cannot fetch
SMALLEST_FILE = 4096
NOTE = ('instruct-pix2pix-micro, a part of Tintype, MIT licence. Filled up with blanks to 4 KiB: bundlers inline smaller files as data: URLs, '
        "which a page with connect-src 'self' cannot fetch.")


def graph(source, target):
    m = onnx.load(source)
    if m.ByteSize() < SMALLEST_FILE:
        m.doc_string = NOTE.ljust(SMALLEST_FILE - m.ByteSize())
    onnx.checker.check_model(m)
    onnx.save(m, target)


def main(source, target):
    for part in ('text_encoder', 'vae_encoder', 'unet', 'vae_decoder'):
        graph(os.path.join(source, part, 'model_quantized.onnx'), os.path.join(target, part + '.onnx'))
    with open(os.path.join(source, 'tokenizer', 'tokenizer.json'), encoding='utf-8') as f:
        tokenizer = json.load(f)
    with open(os.path.join(target, 'tokenizer.json'), 'w', encoding='utf-8') as f:
        f.write(json.dumps(tokenizer, separators=(',', ':'), ensure_ascii=False) + '\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
