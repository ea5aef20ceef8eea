/** Channels each sum is of, from which a 1x1 layer has products enough to hide its loads. */
const CHANNELS = 32;

/** Whether a task is a 1x1 convolution of so many input channels, and of a map: a classifier's weights are read but once. */
export function isWidePointwise({ dims: { KH, KW, IC, OH, OW } }) {
  return KH === 1 && KW === 1 && IC >= CHANNELS && OH * OW > 1;
}
