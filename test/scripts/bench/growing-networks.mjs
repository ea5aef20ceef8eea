// Networks of any number of nodes: what compiling one takes should grow as they do.
//
//   node test/scripts/bench/growing-networks.mjs KIND NODES      prints { nodes, steps, kernels, seconds, megabytes }
import { makeNetBuilder } from "../../../dist/frontend/zoo/builder.js";
import { compileNetwork } from "../../../dist/index.js";
import { loadTarget } from "../../../dist/machine/load.js";

const CHANNELS = 16;
const POINT = { kernel: 1 };

/** Each adds one layer, of a few nodes, to what is there. */
const KINDS = {
  chain: (net, i, x) => net.relu(`relu${i}`, net.conv(`conv${i}`, x, CHANNELS, { kernel: 3 })),
  residual: (net, i, x) =>
    net.add(`add${i}`, net.relu(`relu${i}`, net.conv(`conv${i}`, x, CHANNELS, { kernel: 3 })), x),
  shuffled: (net, i, x) =>
    net.channelShuffle(`shuffle${i}`, net.conv(`conv${i}`, x, CHANNELS, { kernel: 1, groups: 4 }), 4),
  /** Lists of eight, as in a block of DenseNet. */
  dense: (net, i, x, parts) => {
    if (i % 8 === 0) parts.length = 0;
    const all = parts.length === 0 ? net.conv(`narrow${i}`, x, CHANNELS, POINT) : x;
    if (parts.length === 0) parts.push(all);
    parts.push(net.relu(`relu${i}`, net.conv(`conv${i}`, all, 4, { kernel: 3 })));
    return net.concat(`concat${i}`, [...parts]);
  },
};

const [kind, wanted] = [process.argv[2], Number(process.argv[3])];
const net = makeNetBuilder({ inputSize: 8, shapesOnly: true }, { inputSize: 8, seed: 1, sampleSize: 8 });
let x = net.conv("stem", net.input, CHANNELS, POINT);
const parts = [];
for (let i = 0; net.finish("n", x).nodes.length < wanted; i++) x = KINDS[kind](net, i, x, parts);
const graph = net.finish(kind, x);
const began = process.cpuUsage();
const { plan, kernels } = await compileNetwork(graph, loadTarget("rpi4"), { meta: { modelSha256: "0" } });
const { user, system } = process.cpuUsage(began);
console.log(
  JSON.stringify({
    nodes: graph.nodes.length,
    steps: plan.steps.length,
    kernels: new Set(kernels.map(({ name }) => name)).size,
    seconds: (user + system) / 1e6,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }),
);
