"""Networks that torchvision does not have and people do: U-Nets of three kinds and a YOLO with its head."""
import torch
from torch import nn
from torch.nn import functional


def conv(inputs, outputs, kernel=3, stride=1, activation=nn.ReLU):
    window = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(window, nn.BatchNorm2d(outputs), activation())


class UNet(nn.Module):
    """Four halvings; `up` is "bilinear", "nearest" or "transposed"."""

    def __init__(self, up, widths=(32, 64, 128, 256, 512), classes=21):
        super().__init__()
        self.stem = nn.Sequential(conv(3, widths[0]), conv(widths[0], widths[0]))
        self.down = nn.ModuleList(
            nn.Sequential(nn.MaxPool2d(2), conv(a, b), conv(b, b)) for a, b in zip(widths, widths[1:])
        )
        climb = list(zip(widths[::-1], widths[-2::-1]))
        self.up = nn.ModuleList(self.wider(up, a, b) for a, b in climb)
        self.join = nn.ModuleList(nn.Sequential(conv(2 * b, b), conv(b, b)) for _, b in climb)
        self.head = nn.Conv2d(widths[0], classes, 1)

    @staticmethod
    def wider(up, a, b):
        if up == "transposed":
            return nn.ConvTranspose2d(a, b, 2, 2)
        corners = {"align_corners": True} if up == "bilinear" else {}
        return nn.Sequential(nn.Upsample(scale_factor=2, mode=up, **corners), nn.Conv2d(a, b, 1))

    def forward(self, x):
        kept = [self.stem(x)]
        for down in self.down:
            kept.append(down(kept[-1]))
        x = kept.pop()
        for up, join in zip(self.up, self.join):
            x = join(torch.cat([kept.pop(), up(x)], 1))
        return self.head(x)


class Split(nn.Module):
    """A cross-stage block: half of the channels passes through each of some bottlenecks, all are kept."""

    def __init__(self, inputs, outputs, count, shortcut=True):
        super().__init__()
        half = outputs // 2
        self.enter = conv(inputs, outputs, 1, activation=nn.SiLU)
        self.blocks = nn.ModuleList(
            nn.Sequential(conv(half, half, activation=nn.SiLU), conv(half, half, activation=nn.SiLU))
            for _ in range(count)
        )
        self.leave = conv((2 + count) * half, outputs, 1, activation=nn.SiLU)
        self.shortcut = shortcut

    def forward(self, x):
        parts = list(self.enter(x).chunk(2, 1))
        for block in self.blocks:
            parts.append(block(parts[-1]) + parts[-1] if self.shortcut else block(parts[-1]))
        return self.leave(torch.cat(parts, 1))


class PoolPyramid(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.enter = conv(channels, channels // 2, 1, activation=nn.SiLU)
        self.leave = conv(channels * 2, channels, 1, activation=nn.SiLU)

    def forward(self, x):
        parts = [self.enter(x)]
        for _ in range(3):
            parts.append(functional.max_pool2d(parts[-1], 5, 1, 2))
        return self.leave(torch.cat(parts, 1))


class Yolo(nn.Module):
    """Three maps of strides 8, 16 and 32; the head gives boxes (of distributions over `bins` distances) and classes."""

    def __init__(self, width=16, classes=80, bins=16, size=320):
        super().__init__()
        c = [width * 2**i for i in range(5)]
        self.stem = nn.Sequential(conv(3, c[0], 3, 2, nn.SiLU), conv(c[0], c[1], 3, 2, nn.SiLU), Split(c[1], c[1], 1))
        self.third = nn.Sequential(conv(c[1], c[2], 3, 2, nn.SiLU), Split(c[2], c[2], 2))
        self.fourth = nn.Sequential(conv(c[2], c[3], 3, 2, nn.SiLU), Split(c[3], c[3], 2))
        self.fifth = nn.Sequential(conv(c[3], c[4], 3, 2, nn.SiLU), Split(c[4], c[4], 1), PoolPyramid(c[4]))
        self.up4 = Split(c[4] + c[3], c[3], 1, shortcut=False)
        self.up3 = Split(c[3] + c[2], c[2], 1, shortcut=False)
        self.down3 = conv(c[2], c[2], 3, 2, nn.SiLU)
        self.down4 = Split(c[2] + c[3], c[3], 1, shortcut=False)
        self.down4to5 = conv(c[3], c[3], 3, 2, nn.SiLU)
        self.down5 = Split(c[3] + c[4], c[4], 1, shortcut=False)
        self.classes, self.bins = classes, bins
        self.box = nn.ModuleList(self.branch(inputs, 64, 4 * bins) for inputs in c[2:])
        self.label = nn.ModuleList(self.branch(inputs, max(c[2], classes), classes) for inputs in c[2:])
        self.register_buffer("distances", torch.arange(bins, dtype=torch.float).view(1, bins, 1, 1))
        anchors, strides = zip(*(self.grid(size // stride, stride) for stride in (8, 16, 32)))
        self.register_buffer("anchors", torch.cat(anchors, 1))
        self.register_buffer("strides", torch.cat(strides, 1))

    @staticmethod
    def branch(inputs, hidden, outputs):
        first, second = conv(inputs, hidden, activation=nn.SiLU), conv(hidden, hidden, activation=nn.SiLU)
        return nn.Sequential(first, second, nn.Conv2d(hidden, outputs, 1))

    @staticmethod
    def grid(side, stride):
        ticks = torch.arange(side, dtype=torch.float) + 0.5
        y, x = torch.meshgrid(ticks, ticks, indexing="ij")
        return torch.stack((x.flatten(), y.flatten())), torch.full((1, side * side), float(stride))

    def forward(self, image):
        three = self.third(self.stem(image))
        four = self.fourth(three)
        five = self.fifth(four)
        up4 = self.up4(torch.cat([functional.interpolate(five, scale_factor=2.0), four], 1))
        out3 = self.up3(torch.cat([functional.interpolate(up4, scale_factor=2.0), three], 1))
        out4 = self.down4(torch.cat([self.down3(out3), up4], 1))
        out5 = self.down5(torch.cat([self.down4to5(out4), five], 1))
        return self.decode([out3, out4, out5])

    def decode(self, maps):
        raw = [torch.cat([box(x), label(x)], 1).flatten(2) for box, label, x in zip(self.box, self.label, maps)]
        boxes, labels = torch.cat(raw, 2).split((4 * self.bins, self.classes), 1)
        spread = boxes.view(1, 4, self.bins, -1).transpose(2, 1).softmax(1)
        near, far = (spread * self.distances).sum(1).chunk(2, 1)
        low, high = self.anchors - near, self.anchors + far
        return torch.cat([(low + high) / 2 * self.strides, (high - low) * self.strides, labels.sigmoid()], 1)
