import { float, optionalFloat, requiredInt } from "../attributes.ts";
import { importer } from "../operator.ts";
import { refuseRows } from "../selected.ts";
import { input, made, read, type Signature } from "../signature.ts";
import { shapeText } from "../value.ts";

/** The domain of operators that ONNX lacks, and that files of other formats are translated to. */
export const OWN_DOMAIN = "tilewright";

const nonMaxPlacesSignature = {
  inputs: [input("boxes"), input("scores")],
  outputs: [made("places")],
  attributes: { most: read(requiredInt()), overlap: read(float(0)), least: read(optionalFloat()) },
} as const satisfies Signature;

/**
 * NonMaxSuppression whose result has a fixed size: places of boxes [N,C,most] from the greatest score on, -1 where no more are left. boxes:
 * [N,S,4], y, x, y, x of two corners, scores: [N,C,S], of which those above `least` count.
 */
const nonMaxPlaces = importer("NonMaxPlaces", nonMaxPlacesSignature, (node, { most, overlap, least }) => {
  const [boxes, scores] = [0, 1].map((i) => node.tensor(i));
  for (const i of [0, 1]) refuseRows(node, i, "places");
  const [n, classes, size] = scores.shape;
  if (scores.shape.length !== 3 || String(boxes.shape) !== String([n, size, 4]))
    node.invalid(`boxes of shape ${shapeText(boxes.shape)}, scores of ${shapeText(scores.shape)}`);
  if (most < 1) node.invalid(`it selects ${most} boxes`);
  const op = { kind: "non-max", overlap, least, center: false } as const;
  const whole = { type: "int64", lo: -1, hi: size - 1 } as const;
  node.emit(op, [boxes.name, scores.name], [n, classes, most], whole);
});

export const ownOperators = [nonMaxPlaces] as const;
