/** Opset 13 with IR version 8: what ONNX Runtime since 1.10 and PyTorch 1.13's tools read. */
export const OPSET = 13;
