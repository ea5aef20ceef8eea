import type { TensorReport, VerifyReport } from "../driver/verify-network.ts";
import { UserError } from "../support/diagnostic.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

/** Errors of each layer and of the outputs, and the verdict. */
export async function verifyText(report: VerifyReport, colors: Terminal["outColors"]): Promise<string> {
  const row = (what: string, op: string, { maxAbsError, relative, ok }: TensorReport): string[] => [
    what,
    op,
    maxAbsError.toExponential(1),
    relative.toExponential(1),
    ok ? "ok" : "WRONG",
  ];
  const rows = [
    ...report.layers.map((r) => row(r.layer ?? r.tensor, r.op ?? "", r)),
    ...report.outputs.map((r) => row(r.tensor, "(output)", r)),
  ];
  const worst = [...report.layers, ...report.outputs].reduce(
    (most, { relative }) => Math.max(most, relative),
    0,
  );
  const verdict = `${report.network} on ${report.board}: ${report.layers.length} layers and ${report.outputs.length} outputs compared, largest error ${worst.toExponential(1)} of the range, ${report.tolerance} allowed`;
  return [
    await plainTable(["layer", "operator", "max error", "of range", ""], rows, [2, 3]),
    "",
    report.ok ? colors.green(`right: ${verdict}`) : colors.red(`wrong: ${verdict}`),
  ].join("\n");
}

/** R121: the first layer that is wrong, with its first wrong element. */
export function wrongResult({ network, board, layers, outputs, tolerance }: VerifyReport): UserError {
  const wrong = [...layers, ...outputs].find(({ ok }) => !ok);
  const element =
    wrong?.firstBad === undefined
      ? ""
      : `; the first is [${wrong.firstBad.at.join(", ")}]: ${wrong.firstBad.actual}, expected ${wrong.firstBad.wanted}`;
  return new UserError({
    code: "R121",
    exit: "wrongResult",
    title: `\`${network}\` computes something else on \`${board}\` than its kernels`,
    where:
      wrong?.layer === undefined
        ? `output ${wrong?.tensor}`
        : `layer ${wrong.layer} (${wrong.op}), the first of those that are wrong`,
    why: `${wrong?.badCount} of ${wrong?.count} values are off by more than ${tolerance} of the range${element}`,
    help: ["compile with --dump-ir DIR and report it: a wrong result is a bug"],
  });
}
