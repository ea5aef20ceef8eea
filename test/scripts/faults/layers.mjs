// Layers that faults are planted in: one of every kind of kernel that convolutions get, small but for threads' sake.
const usual = {
  n: 1,
  kh: 3,
  kw: 3,
  pad: 1,
  stride: 1,
  dilation: 1,
  groups: 1,
  bias: true,
  activation: "relu",
  residual: false,
};

export const LAYERS = [
  { name: "grouped", ic: 16, oc: 16, ih: 9, iw: 11, groups: 4 },
  { name: "groups-in-lanes", ic: 16, oc: 16, ih: 10, iw: 9, groups: 8 },
  { name: "depthwise", ic: 16, oc: 16, ih: 11, iw: 11, groups: 16 },
  { name: "depthwise-stride2", ic: 8, oc: 8, ih: 13, iw: 13, groups: 8, stride: 2 },
  { name: "pointwise", ic: 24, oc: 20, ih: 7, iw: 7, kh: 1, kw: 1, pad: 0 },
  { name: "pointwise-grouped", ic: 24, oc: 24, ih: 7, iw: 7, kh: 1, kw: 1, pad: 0, groups: 3 },
  { name: "first", ic: 3, oc: 16, ih: 17, iw: 17, stride: 2 },
  { name: "winograd", ic: 16, oc: 16, ih: 12, iw: 12 },
  { name: "winograd-grouped", ic: 32, oc: 32, ih: 14, iw: 14, groups: 2 },
  { name: "dilated", ic: 8, oc: 8, ih: 12, iw: 12, dilation: 2, pad: 2, activation: "none" },
  { name: "five", ic: 8, oc: 12, ih: 10, iw: 10, kh: 5, kw: 5, pad: 2 },
  { name: "residual", ic: 16, oc: 16, ih: 8, iw: 8, kh: 1, kw: 1, pad: 0, residual: true },
  { name: "threads-grouped", ic: 64, oc: 64, ih: 28, iw: 28, groups: 8 },
  { name: "threads-winograd", ic: 32, oc: 32, ih: 28, iw: 28 },
].map((layer) => ({ ...usual, ...layer }));
