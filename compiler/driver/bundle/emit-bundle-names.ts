import { cIdentifier, cNames, distinct } from "../../codegen/c-names.ts";
import { commentText, cString } from "../../codegen/c-text.ts";
import type { PortView } from "../../codegen/views.ts";
import type { Plan, Port } from "../../graph/plan.ts";
import { rowsText } from "../../graph/unused-rows.ts";
import type { PortType } from "../../ir/port-type.ts";
import { invariant } from "../../support/assert.ts";

/** C types of inputs and outputs: C has no f16, and C++ less so; a bool of C is a byte only most of the time. */
const C_TYPES: Readonly<Record<PortType, string>> = {
  f32: "float",
  f16: "uint16_t",
  f64: "double",
  i8: "int8_t",
  u8: "uint8_t",
  i16: "int16_t",
  u16: "uint16_t",
  i32: "int32_t",
  u32: "uint32_t",
  i64: "int64_t",
  u64: "uint64_t",
  bool: "uint8_t",
};

/** Names that the templates use themselves where an input's or output's name may appear. */
const TAKEN =
  `arena pool frame inputs outputs layers input_data output_data input_types output_types input_floats output_floats`.split(
    " ",
  );

/** Every C name of a bundle, chosen once. */
export interface BundleNames {
  readonly net: string;
  readonly macro: string;
  readonly inputs: readonly NamedPort[];
  readonly outputs: readonly NamedPort[];
}
export interface NamedPort extends PortView {
  readonly arg: string;
  readonly floats: number;
  readonly dtype: PortType;
  readonly direction: "input" | "output";
  /** "image: 1 x 3 x 224 x 224" */
  readonly comment: string;
}

/**
 * Names that a network cannot have, whatever the case of their letters: its header would be taken for one of the system's,
 * its files for devices, its targets for CMake's, its library for one that it is linked with, its program for a folder of
 * the build.
 */
const NO_NETWORKS = new Set(
  `tw tilewright
  assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbit
  stdbool stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
  aio cpio dirent dlfcn fcntl fmtmsg fnmatch ftw glob grp iconv langinfo libgen monetary mqueue ndbm netdb nl_types poll
  pthread pwd regex sched search semaphore spawn strings stropts syslog tar termios ulimit unistd utime utmpx wordexp
  alloca arm_acle arm_bf16 arm_fp16 arm_neon arm_sve byteswap cpuid elf endian err error features getopt immintrin link
  malloc memory omp unwind values x86intrin
  aux con nul prn com1 com2 com3 com4 com5 com6 com7 com8 com9 lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9
  all all_build clean depend edit_cache help install list_install_components package package_source preinstall
  rebuild_cache run_tests test zero_check c dl gcc m rt util
  build_ninja cmakecache cmakefiles makefile runtime src`.split(/\s+/),
);

export function nameBundle(plan: Plan): BundleNames {
  invariant(plan.inputs.length > 0 && plan.outputs.length > 0, `${plan.name} has no input or no output`);
  const net = networkName(plan.name);
  const macro = net.toUpperCase();
  const ports = [...plan.inputs, ...plan.outputs];
  const functions = ["run", "run_parallel", "network", "weights", "labels"].map((name) => `${net}_${name}`);
  const args = cNames(
    ports.map((port) => port.name),
    [...TAKEN, ...functions],
  );
  const macros = distinct(args.map((arg) => `${macro}_${arg.toUpperCase()}_FLOATS`));
  const dims = distinct(
    args.map((arg) => `${arg}_dims`),
    [],
    args,
  );
  const named = ports.map((port, i) =>
    namePort(port, i < plan.inputs.length ? "input" : "output", args[i], macros[i], dims[i]),
  );
  return {
    net,
    macro,
    inputs: named.slice(0, plan.inputs.length),
    outputs: named.slice(plan.inputs.length),
  };
}

function networkName(name: string): string {
  const id = cIdentifier(name);
  return NO_NETWORKS.has(id.toLowerCase()) || /^tw_/i.test(id) ? `net_${id}` : id;
}

function namePort(
  port: Port,
  direction: NamedPort["direction"],
  arg: string,
  macro: string,
  dimsName: string,
): NamedPort {
  const { dtype = "f32" } = port;
  const size = port.shape.length === 0 ? "one number" : port.shape.join(" x ");
  return {
    arg,
    macro,
    direction,
    dtype,
    cType: C_TYPES[dtype],
    floats: port.shape.reduce((a, b) => a * b, 1),
    comment: `${commentText(port.name)}: ${size}${dtype === "f32" ? "" : ` of ${dtype}${dtype === "f64" ? ", computed in float" : ""}`}${rowsText(port)}`,
    nameString: cString(port.name),
    rank: port.shape.length,
    dimsName,
    // C has no empty arrays; the rank says how many count.
    dims: port.shape.length === 0 ? "1" : port.shape.join(", "),
  };
}
