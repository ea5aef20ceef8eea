/** Loops of a convolution's kernel. */
export type ConvAxes = "n" | "g" | "oc" | "oh" | "ow" | "ic" | "kh" | "kw";

/** Loops over pixels with vectors of output channels. */
export type VectorAxes = Exclude<ConvAxes, "oc"> | "oco" | "ocv" | "oci";
