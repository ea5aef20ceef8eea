import type { TensorReport, VerifyReport } from "../driver/run/verify-network.ts";
import { UserError } from "../support/diagnostic.ts";
import { togetherText, worstText } from "../verify/compare.ts";
import { type Undecided, undecidedOf, undecidedText } from "../verify/undecided.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** How near to its bound the worst element of each layer and output is, and the verdict. */
export async function verifyText(report: VerifyReport, colors: Terminal["outColors"]): Promise<string> {
  const all = [...report.layers, ...report.outputs];
  const row = (what: string, op: string, tensor: TensorReport): string[] => [
    what,
    op,
    tensor.maxAbsError.toExponential(1),
    (tensor.worst?.ofBound ?? 0).toPrecision(2),
    state(tensor),
  ];
  const rows = [
    ...report.layers.map((r) => row(r.layer ?? r.tensor, r.op ?? "", r)),
    ...report.outputs.map((r) => row(r.tensor, "(output)", r)),
  ];
  const worst = all.reduce((most, r) => Math.max(most, r.worst?.ofBound ?? 0), 0);
  const bound = report.tolerance === 1 ? "its rounding bound" : `${report.tolerance} of its rounding bound`;
  const open = undecidedOf(all.map((r) => [r.layer ?? `output ${r.tensor}`, r]));
  const verdict = `${report.network} on ${report.board}: ${report.layers.length} layers and ${report.outputs.length} outputs compared, no ${open === undefined ? "value" : "other value"} off by more than ${bound}, the worst at ${worst.toPrecision(2)} of it`;
  const zero = all.filter(({ allZero }) => allZero).length;
  return [
    await plainTable(["layer", "operator", "max error", "of bound", ""], rows, [2, 3]),
    "",
    ...(zero === 0
      ? []
      : [`${zero} of ${all.length} are all zero on both sides, which says little: give another --input`]),
    ...(open === undefined ? [] : [colors.yellow(undecidedText(open))]),
    report.ok
      ? right(verdict, open, colors)
      : colors.red(
          `wrong: ${report.network} on ${report.board}: ${all.filter(({ ok }) => !ok).length} of ${all.length} layers and outputs have values off by more than ${bound}`,
        ),
  ].join("\n");
}

/** Where no value could be compared nothing was found to be right. */
function right(verdict: string, open: Undecided | undefined, colors: Terminal["outColors"]): string {
  return open !== undefined && open.values === open.of
    ? colors.yellow("nothing is wrong, but nothing was compared")
    : colors.green(`right: ${verdict}`);
}

function state({ ok, allZero, undecided, count }: TensorReport): string {
  if (!ok) return "WRONG";
  if (allZero) return "ok (all zero)";
  return undecided === 0 ? "ok" : `ok (${undecided} of ${count} may overflow)`;
}

/** R121: the first layer that is wrong, with its worst element. */
export function wrongResult({ network, board, layers, outputs, tolerance }: VerifyReport): UserError {
  const wrong = [...layers, ...outputs].find(({ ok }) => !ok);
  const bounds = tolerance === 1 ? "their rounding bounds" : `${tolerance} of their rounding bounds`;
  return new UserError({
    code: "R121",
    exit: "wrongResult",
    title: `\`${network}\` computes something else on \`${board}\` than its kernels`,
    where:
      wrong?.layer === undefined
        ? `output ${wrong?.tensor}`
        : `layer ${wrong.layer} (${wrong.op}), the first of those that are wrong`,
    why:
      wrong?.together === undefined
        ? `${wrong?.badCount} of ${wrong?.count} values are off by more than ${bounds}${worstText(wrong?.worst)}`
        : `its values are right one by one, and wrong as a whole${togetherText(wrong.together)}`,
    help: ["compile with --dump-ir DIR and report it: a wrong result is a bug"],
  });
}
