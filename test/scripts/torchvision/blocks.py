"""One block or head of a kind of network each, narrow enough for a fixture; values are (module, shape of the input)."""
from torch import nn
from torchvision.models import convnext, swin_transformer, vision_transformer
from torchvision.models.detection import ssd
from torchvision.models.segmentation import deeplabv3, lraspp
from torch.nn import functional


class Scaled(nn.Module):
    """A head whose answer is as wide as the image, as segmentation networks of torchvision end."""

    def __init__(self, head, size):
        super().__init__()
        self.head, self.size = head, size

    def forward(self, x):
        return functional.interpolate(self.head(x), size=(self.size, self.size), mode="bilinear", align_corners=False)


class LrAspp(nn.Module):
    """The head reads a low and a high map; the low one is made of the only input."""

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(16, 24, 3, 2, 1)
        self.head = lraspp.LRASPPHead(16, 24, 5, 32)

    def forward(self, x):
        return self.head({"low": x, "high": self.down(x)})


class SsdHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(16, 32, 3, 2, 1)
        self.head = ssd.SSDHead([16, 32], [4, 6], 3)

    def forward(self, x):
        return tuple(self.head([x, self.down(x)]).values())


def convnext_block():
    return convnext.CNBlock(32, 1.0, 0.0), (1, 32, 14, 14)


def vit_block():
    block = vision_transformer.EncoderBlock(4, 32, 64, 0.0, 0.0)
    for name, parameter in block.named_parameters():
        if name.endswith("bias"):
            nn.init.normal_(parameter, 0, 0.1)
    return block, (1, 17, 32)


def swin_block():
    """A shifted one: windows are rolled, cut, masked, and put back; then patches are merged."""
    block = swin_transformer.SwinTransformerBlock(32, 4, [4, 4], [2, 2], 2.0, 0.0, 0.0, 0.0)
    return nn.Sequential(block, swin_transformer.PatchMerging(32)), (1, 8, 8, 32)


def deeplab_head():
    join = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU())
    head = nn.Sequential(deeplabv3.ASPP(16, [2, 4, 6], 16), join, nn.Conv2d(16, 5, 1))
    return Scaled(head, 33), (1, 16, 9, 9)


BLOCKS = {
    "convnext_block": convnext_block,
    "vit_block": vit_block,
    "swin_block": swin_block,
    "deeplab_head": deeplab_head,
    "lraspp_head": lambda: (LrAspp(), (1, 16, 12, 12)),
    "ssd_head": lambda: (SsdHead(), (1, 16, 10, 10)),
}
