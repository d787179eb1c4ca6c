import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
channels, batch = [256, 128, 64], 8


def block(inputs, outputs):
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(True))


stages = nn.ModuleList(
    nn.Sequential(block(channels[max(at - 1, 0)], out), block(out, out)) for at, out in enumerate(channels)
)
adam = torch.optim.Adam(stages.parameters(), 1e-3, betas=(0.5, 0.999))
ema = [p.detach().clone() for p in stages.parameters()]
image = torch.randn(batch, 256, 16, 16)
targets = [torch.randn(batch, c, 16 << at, 16 << at) for at, c in enumerate(channels)]
for step in range(1, 7):
    used, start = resource.getrusage(resource.RUSAGE_SELF), time.time()
    x, loss = image, 0
    for at, stage in enumerate(stages):
        if at > 0:
            x = F.interpolate(x, scale_factor=2, mode="bilinear")
        x = stage(x)
        loss = loss + (1 - F.cosine_similarity(x.flatten(1), targets[at].flatten(1))).mean()
    adam.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(stages.parameters(), 1.0)
    adam.step()
    with torch.no_grad():
        for average, p in zip(ema, stages.parameters()):
            average.lerp_(p, 0.001)
    now = resource.getrusage(resource.RUSAGE_SELF)
    cpu = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    print(f"step {step} | {(time.time() - start) * 1e3:.0f} ms | "
          f"{cpu * 1e3:.0f} ms of processor | loss {loss.item():.4f}")
