import { FUNCTIONS } from "../ir/functions.ts";

/** Functions of numbers as kernels call them; ir/functions.ts says what they are. */
export const {
  log: { of: log },
  sin: { of: sin },
  cos: { of: cos },
  tan: { of: tan },
  asin: { of: asin },
  acos: { of: acos },
  atan: { of: atan },
  sinh: { of: sinh },
  cosh: { of: cosh },
  asinh: { of: asinh },
  acosh: { of: acosh },
  atanh: { of: atanh },
  roundDown: { of: roundDown },
  roundUp: { of: roundUp },
  roundEven: { of: roundEven },
  sign: { of: sign },
  pow: { of: pow },
  fmod: { of: fmod },
  isLess: { of: isLess },
  isEqual: { of: isEqual },
  choose: { of: choose },
} = FUNCTIONS;
