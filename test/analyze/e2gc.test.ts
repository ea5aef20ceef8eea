import { describe, expect, test } from "vitest";
import { countLayers, sumCosts } from "../../compiler/analyze/count-network.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { LONG } from "../support/amount.ts";
import { E2GC_ROWS } from "./e2gc-table.ts";

const ZOO: Readonly<Record<string, string>> = { "MobileNet-V1": "mobilenet-v1", "ResNeXt-50": "resnext50" };

/** Every day every second setting of the large network. */
const DAILY = E2GC_ROWS.filter(
  ({ network, G }, i) => LONG || network !== "ResNeXt-50" || G === 4 || i % 4 === 0,
);

describe("the E2GC paper's parameters and MACs, from the ONNX files that the zoo exports", () => {
  test("there are 22 rows", () => expect(E2GC_ROWS).toHaveLength(22));

  test.each(DAILY.map((row) => [`${row.network} ${row.G ? `G=${row.G}` : `g=${row.g}`}`, row] as const))(
    "%s",
    (_, { network, g, G, params_millions, macs_millions }) => {
      const options = { ...(g !== undefined && { g }), ...(G !== undefined && { G }), shapesOnly: true };
      const graph = findZooNetwork(ZOO[network] ?? network).build(options);
      // every day a few of the large files
      const read = LONG || (G === 4 && network !== "ResNeXt-50");
      const { params, macs } = sumCosts(countLayers(read ? importOnnx(exportOnnx(graph)) : graph));
      expect(Math.abs(params / 1e6 - params_millions)).toBeLessThanOrEqual(0.01 + 1e-9);
      // ResNeXt-50's are printed in billions, to two digits.
      const unit = network === "ResNeXt-50" ? 1e3 : 1;
      expect(Math.abs(macs / 1e6 - macs_millions) / unit).toBeLessThanOrEqual(0.01 + 1e-9);
    },
  );
});
