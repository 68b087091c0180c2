"""checkpoint -> ONNX (opset 17, RGB planes 0..255 in and out, sides multiples of 2 or 4), checked against torch.

    python onnx_out.py CHECKPOINT OUT.onnx
"""
import os, sys
import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto as T, helper as H, numpy_helper as N
from net import Net, fold


def build(net):
    nodes, init = [], []

    def const(name, a):
        init.append(N.from_array(np.asarray(a, np.float32), name))
        return name

    def conv(x, w, b, act=True, stride=1):
        i = sum(n.op_type == 'Conv' for n in nodes)
        k = w.shape[-1]
        pad = (k - stride) // 2
        nodes.append(H.make_node('Conv', [x, const(f'w{i}', w.detach().double()), const(f'b{i}', b.detach().double())], [f'c{i}'],
                                 kernel_shape=[k, k], pads=[pad] * 4, strides=[stride] * 2))
        if act:
            nodes.append(H.make_node('LeakyRelu', [f'c{i}'], [f'a{i}'], alpha=.1))
        return f'a{i}' if act else f'c{i}'

    def convs(x, group):
        for w, b in zip(*group.collapse()) if group else ():
            x = conv(x, w, b)
        return x

    # the first layer sees x - 127.5, so that zero padding means grey
    nodes.append(H.make_node('Sub', ['input', const('grey', 127.5)], ['centred']))
    hw, hb, tw, tb = net.outer()
    x = convs(conv('centred', fold(hw, net.first) / 255, hb, stride=net.first), net.enc)
    if net.enc and net.mid:
        z = convs(conv(x, net.down.weight, net.down.bias, stride=2), net.mid)
        z = conv(z, net.up.weight, net.up.bias, False)
        nodes += [H.make_node('DepthToSpace', [z], ['raised'], blocksize=2, mode='CRD'), H.make_node('Add', [x, 'raised'], ['joined'])]
        x = 'joined'
    else:
        x = convs(x, net.mid)
    x = conv(convs(x, net.dec), tw * 255, tb * 255, False)
    nodes += [H.make_node('DepthToSpace', [x], ['correction'], blocksize=net.first, mode='CRD'), H.make_node('Add', ['correction', 'input'], ['sum']),
              H.make_node('Clip', ['sum', const('lo', 0), const('hi', 255)], ['output'])]
    g = H.make_graph(nodes, 'restore', [H.make_tensor_value_info('input', T.FLOAT, ['n', 3, 'h', 'w'])],
                     [H.make_tensor_value_info('output', T.FLOAT, ['n', 3, 'h', 'w'])], init)
    m = H.make_model(g, opset_imports=[H.make_opsetid('', 17)], ir_version=8)
    for k, v in dict(license='MIT', scale='1', input='float32 NCHW RGB 0..255', output='float32 NCHW RGB 0..255').items():
        p = m.metadata_props.add()
        p.key, p.value = k, v
    onnx.checker.check_model(m, full_check=True)
    return m


def write(net, out):
    """Returns the largest difference from torch, of 255."""
    onnx.save(build(net), out)
    so = ort.SessionOptions()
    so.intra_op_num_threads = 1
    s, worst = ort.InferenceSession(out, so, providers=['CPUExecutionProvider']), 0.0
    for n, h, w in ((1, 48, 64), (1, 4, 4), (1, 4, 28), (2, 8, 4), (1, 36, 52)):
        x = torch.randint(0, 256, (n, 3, h, w), generator=torch.Generator().manual_seed(0)).float()
        with torch.no_grad():
            worst = max(worst, float(np.abs(s.run(None, {'input': x.numpy()})[0] - net(x / 255).clamp(0, 1).mul(255).numpy()).max()))
    assert worst < .01, worst
    return worst


def read(net, path):
    """The other way: gives a fresh network the weights of an ONNX file that write() made, to train on from there."""
    stored = {i.name: torch.from_numpy(N.to_array(i).copy()) for i in onnx.load(path).graph.initializer}
    layers = iter([(stored[f'w{i}'], stored[f'b{i}']) for i in range(len(stored)) if f'w{i}' in stored])

    def put(group, *pairs):
        with torch.no_grad():
            group.plain += torch.stack([w for w, _ in pairs]) - group.collapse()[0]
            group.b.copy_(torch.stack([b for _, b in pairs]))

    def fill(group):
        if group:
            put(group, *[next(layers) for _ in range(group.n)])

    s = net.first
    w, b = next(layers)
    w = w.reshape(w.shape[0], 3, 3, s, 3, s).permute(0, 1, 3, 5, 2, 4).reshape(w.shape[0], -1, 3, 3) * 255
    put(net.head, (torch.einsum('ojkl,ji->oikl', w, torch.linalg.inv(net.into)), b))
    fill(net.enc)
    for layer, group in ((net.down, net.mid), (net.up, net.dec)) if net.enc and net.mid else ():
        w, b = next(layers)
        layer.weight.data.copy_(w), layer.bias.data.copy_(b)
        fill(group)
    if not (net.enc and net.mid):
        fill(net.mid)
    w, b = next(layers)
    back = torch.linalg.inv(net.out_of) / 255
    put(net.tail, (torch.einsum('jikl,jo->oikl', w, back), b @ back))


def load(path):
    c = torch.load(path, map_location='cpu')
    net = Net(c['kind'], c.get('plain', False))
    net.load_state_dict(c['ema'])
    return net, c


if __name__ == '__main__':
    net, c = load(sys.argv[1])
    print(sys.argv[2], net.kind, 'step', c['step'], net.macs(), 'multiply-adds per pixel; difference from torch', write(net, sys.argv[2]),
          'of 255;', os.path.getsize(sys.argv[2]), 'bytes')
