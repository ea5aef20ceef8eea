import type { ReportData } from "../../compiler/driver/report/report-data.ts";

/** Names as somebody may write them into a model, a board's file or a log. */
export const HOSTILE = `</script><script>window.hacked=1</script>"'\`\u0000\u202e&amp;{{x}}`;
const SVG = `"/><image href="https://example.org/x" onerror="window.hacked=1"></svg>`;

const fact = { label: HOSTILE, value: HOSTILE };
const layer = {
  ...{
    name: HOSTILE,
    op: SVG,
    schedule: HOSTILE,
    choice: HOSTILE,
    macs: 1000,
    cost: 500,
    share: 1,
    ofPeak: 0.5,
  },
  ...{ kernel: `"><img src=x onerror="window.hacked=1">`, ofBound: Number.POSITIVE_INFINITY },
  parts: { peak: 250, secondCache: 50, memory: 50, other: 150 },
};

/** A report in which every text is hostile. */
export const hostileReport: ReportData = {
  title: `</title><script>window.hacked=1</script>`,
  subtitle: HOSTILE,
  facts: [fact],
  sections: [
    {
      ...{ title: HOSTILE, subtitle: SVG, kind: "modelled", kindText: HOSTILE, facts: [fact] },
      whole: { cost: 500, macs: 1000, verdict: HOSTILE },
      layers: [layer, { ...layer, name: SVG }],
      problems: [HOSTILE],
      memory: {
        ...{ arenaBytes: 1024, steps: 2 },
        tensors: [{ name: HOSTILE, offset: 0, bytes: 512, first: 0, last: 1 }],
      },
      roofline: {
        ...{ macsPerSecond: 1e9, bytesPerSecond: 1e9 },
        points: [{ layer: HOSTILE, macsPerByte: 3, macsPerSecond: 1e8 }],
      },
      groups: [{ layer: HOSTILE, groups: 4, groupSize: 4, costPerKiloMac: 500 }],
      tuning: [
        { task: SVG, best: [1, 0.9] },
        { task: HOSTILE, best: [1] },
      ],
    },
  ],
  kernels: [
    {
      ...{ name: "conv2d_000000000000", op: HOSTILE, schedule: HOSTILE, choice: SVG, layers: [HOSTILE] },
      facts: [fact],
      texts: [{ title: HOSTILE, text: `/* </pre>${HOSTILE} */` }],
    },
  ],
};
