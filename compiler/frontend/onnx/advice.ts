// What to do about operators that no form of is compiled, as far as there is a way around them.

const ADVICE: readonly (readonly [operators: RegExp, advice: string])[] = [
  [
    /^com\.microsoft\.Q/,
    "ONNX Runtime's quantizer writes operators that all are compiled with quant_format=QuantFormat.QDQ",
  ],
  [
    /^com\.microsoft\.(?!Q)/,
    "operators of com.microsoft come from ONNX Runtime's optimizer: give the file as it was before",
  ],
  [/^(Loop|Scan)$/, "loops of the file are not compiled: export with a fixed number of steps, written out"],
  [
    /^(NonMaxSuppression|TopK|Unique|NonZero)$/,
    "how much it gives hangs on the data: cut the network before it, and do this part in the application",
  ],
  [
    /^(SequenceMap|Optional\w*|String\w+|RegexFullMatch|TfIdfVectorizer)$/,
    "only tensors of numbers are compiled: cut the network before or behind it",
  ],
  [/^(Random\w+|Bernoulli|Multinomial)$/, "random numbers are not compiled: make them an input"],
];

/** One line for each way around, of operators as F104 names them. */
export function adviceFor(operators: readonly string[]): readonly string[] {
  return ADVICE.filter(([pattern]) => operators.some((operator) => pattern.test(operator))).map(
    ([, advice]) => advice,
  );
}
