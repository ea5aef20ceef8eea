import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { matmul } from "./matmul.kernel.ts";
import { matmulPanels } from "./matmul.schedules.ts";

/** Products of matrices. */
export const matrixProducts = operatorsIn("matmul", {
  matmul: {
    kernel: matmul,
    schedules: { panels: matmulPanels, plain },
    pick: () => "panels",
    macs: (d) => d.P * d.Q * d.M * d.N * d.K,
  },
});
