"""Exports torchvision's networks, and some that it does not have, as ONNX files for torchvision.mjs.

    /usr/bin/python3 test/scripts/torchvision/export.py FOLDER [NAME ...]
    /usr/bin/python3 test/scripts/torchvision/export.py --list
    /usr/bin/python3 test/scripts/torchvision/export.py --fixtures

Debian's python3-torch 1.13 and python3-torchvision 0.14. Weights are random, of a fixed seed, statistics and scales
of normalizations too, so that none is the identity. Files that are there already are left alone. --fixtures writes the
small ones of test/fixtures/torchvision/blocks anew.
"""
import pathlib
import sys
import warnings
import zlib

import torch
from torch import nn
from torchvision.models import detection, segmentation
import torchvision

import blocks
from networks import UNet, Yolo

CLASSIFIERS = """
alexnet vgg11_bn vgg16 resnet18 resnet34 resnet50 resnext50_32x4d resnext101_32x8d wide_resnet50_2 regnet_x_400mf
regnet_x_800mf regnet_y_400mf regnet_y_800mf regnet_y_3_2gf mobilenet_v2 mobilenet_v3_small mobilenet_v3_large mnasnet0_5
mnasnet0_75 mnasnet1_0 mnasnet1_3 shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5 shufflenet_v2_x2_0 squeezenet1_0
squeezenet1_1 densenet121 densenet161 densenet169 densenet201 googlenet inception_v3 efficientnet_b0 efficientnet_b1
efficientnet_b2 efficientnet_b3 efficientnet_b4 efficientnet_v2_s convnext_tiny convnext_small vit_b_16 vit_b_32 swin_t
swin_v2_t maxvit_t
""".split()
SIZES = {"inception_v3": 299}
DETECTION_SIZE = 320
OPSET = 13


class Classes(nn.Module):
    """A segmentation network's answer without those that only training reads."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


class Detector(nn.Module):
    """Backbone and heads; anchors, boxes and suppression are left to the caller, as PyTorch 1.13 cannot export them."""

    def __init__(self, backbone, head):
        super().__init__()
        self.backbone, self.head = backbone, head

    def forward(self, x):
        answer = self.head(list(self.backbone(x).values()))
        if isinstance(answer, dict):
            return tuple(answer.values())
        return tuple(part for parts in answer for part in parts)


def classifier(name):
    extra = {"init_weights": False, "aux_logits": False} if name in ("googlenet", "inception_v3") else {}
    return getattr(torchvision.models, name)(weights=None, **extra), SIZES.get(name, 224)


def segmenter(name):
    build = getattr(segmentation, name)
    extra = {} if name.startswith("lraspp") else {"aux_loss": False}
    return Classes(build(weights=None, weights_backbone=None, **extra)), 224


def detector(name):
    model = getattr(detection, name)(weights=None, weights_backbone=None)
    head = model.rpn.head if hasattr(model, "rpn") else model.head
    return Detector(model.backbone, head), 300 if name == "ssd300_vgg16" else DETECTION_SIZE


NETWORKS = {
    **{name: classifier for name in CLASSIFIERS},
    **{
        name: segmenter
        for name in ("fcn_resnet50", "deeplabv3_resnet50", "deeplabv3_mobilenet_v3_large", "lraspp_mobilenet_v3_large")
    },
    **{
        name: detector
        for name in (
            "ssdlite320_mobilenet_v3_large",
            "ssd300_vgg16",
            "fasterrcnn_resnet50_fpn",
            "fasterrcnn_mobilenet_v3_large_fpn",
            "retinanet_resnet50_fpn",
        )
    },
    **{f"unet_{up}": lambda name: (UNet(name[len("unet_") :]), 256) for up in ("bilinear", "nearest", "transposed")},
    "yolo": lambda _: (Yolo(size=DETECTION_SIZE), DETECTION_SIZE),
}


def randomize(model):
    """Normalizations as training leaves them: no mean of 0, no variance or scale of 1; scales and heads that count."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm) or type(module).__name__ == "FrozenBatchNorm2d":
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 1.5)
        if hasattr(module, "layer_scale"):
            module.layer_scale.data.uniform_(0.1, 0.5)
        if "Norm" in type(module).__name__ and getattr(module, "weight", None) is not None:
            module.weight.data.uniform_(0.5, 1.5)
            module.bias.data.normal_(0, 0.1)
        if isinstance(module, nn.Linear) and not module.weight.any():
            nn.init.trunc_normal_(module.weight, std=0.02)


def export(model, image, path):
    """`image`: the size of a square one, or the shape of another input."""
    shape = (1, 3, image, image) if isinstance(image, int) else image
    model.eval()
    with torch.no_grad():
        randomize(model)
    unfinished = path.with_suffix(".tmp")
    # With gradients: without, attention is one operator of PyTorch's that ONNX does not have.
    torch.onnx.export(model, torch.randn(shape), str(unfinished), opset_version=OPSET, input_names=["input"])
    unfinished.rename(path)
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", flush=True)


def main(arguments):
    warnings.filterwarnings("ignore")
    # Swin V2 sets a part of a copied bias to the zero that it is already; the exporter does not know the operator.
    torch.onnx.register_custom_op_symbolic("aten::zero", lambda graph, x: graph.op("Sub", x, x), OPSET)
    if arguments == ["--list"]:
        print("\n".join(NETWORKS))
        return
    if arguments == ["--fixtures"]:
        folder = pathlib.Path(__file__).parents[2] / "fixtures/torchvision/blocks"
        folder.mkdir(exist_ok=True)
        for name, build in blocks.BLOCKS.items():
            torch.manual_seed(zlib.crc32(name.encode()))
            export(*build(), folder / f"{name}.onnx")
        return
    folder = pathlib.Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or NETWORKS:
        path = folder / f"{name}.onnx"
        if path.exists():
            continue
        torch.manual_seed(zlib.crc32(name.encode()))
        export(*NETWORKS[name](name), path)


main(sys.argv[1:])
