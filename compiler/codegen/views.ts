import type { ReportView } from "./report-view.ts";

/**
 * What each template of templates/ is given: plain values, finished lines. A test compares every path
 * in a template with the type of its view here, because Handlebars itself reports only some typos.
 */
export interface Views {
  readonly "network.h": NetworkHeaderView;
  readonly "network.c": NetworkSourceView;
  readonly "main.c": { readonly net: string };
  readonly "weights.S": WeightsView;
  readonly "camera.cpp": CameraView;
  readonly "camera.py": CameraView;
  readonly "client.py": PythonClientView;
  readonly "library.map": { readonly net: string; readonly labelled: boolean };
  readonly "README.md": ReadmeView;
  readonly Makefile: MakefileView;
  readonly "CMakeLists.txt": CmakeView;
  readonly "reproducer.c": ReproducerView;
  readonly "report.html": ReportView;
}

/** A kernel that was wrong, with its data, as one file. */
export interface ReproducerView {
  /** Safe inside a comment, like the other texts. */
  readonly title: string;
  readonly hasCulprit: boolean;
  readonly culprit: string;
  readonly command: string;
  /** The kernel's whole C. */
  readonly kernel: string;
  /** Inputs and weights, and for each output what is wanted and within what. */
  readonly arrays: readonly {
    readonly name: string;
    readonly type: string;
    /** C literals with commas between. */
    readonly rows: readonly { readonly text: string }[];
  }[];
  /** Outputs and scratch memory. */
  readonly buffers: readonly { readonly name: string; readonly type: string; readonly size: number }[];
  readonly name: string;
  readonly args: string;
  readonly grid: number;
  readonly outputs: readonly { readonly name: string }[];
}

interface NetworkView {
  /** C identifier, prefix of every public name. */
  readonly net: string;
  /** The same in capitals. */
  readonly macro: string;
  readonly title: string;
  /** Comment lines: model, target, shapes. */
  readonly summary: readonly string[];
  /** C parameters of inputs and outputs, in order: "const float *image, float *scores". */
  readonly params: string;
  /** Their names: "image, scores". */
  readonly callArgs: string;
  /** One of them holds something else than floats. */
  readonly typed: boolean;
  /** Names of classes are known, so many; C string literals. */
  readonly labelled: boolean;
  readonly labelCount: number;
  readonly labels: readonly { readonly text: string }[];
  /** That of a network, which computes in floats. */
  readonly converts: boolean;
  /** Indices that it computes are checked. */
  readonly checked: boolean;
}

export interface NetworkHeaderView extends NetworkView {
  readonly arenaBytes: number;
  readonly align: number;
  /** Of the kernel with the most small local arrays. */
  readonly scratchBytes: number;
  readonly ports: readonly HeaderPort[];
}
interface HeaderPort {
  /** Name of the C parameter. */
  readonly arg: string;
  /** Name of the constant that holds its number of floats. */
  readonly macro: string;
  /** C type of its elements. */
  readonly cType: string;
  readonly floats: number;
  readonly direction: "input" | "output";
  /** Its name in the model and its shape, safe inside a comment. */
  readonly comment: string;
}

export interface NetworkSourceView extends NetworkView {
  readonly netString: string;
  readonly weightBytes: number;
  /** Each kernel once. */
  readonly kernelNames: readonly string[];
  /** One per distinct kernel, without semicolon. */
  readonly prototypes: readonly string[];
  readonly layers: readonly LayerView[];
  readonly layerCount: number;
  readonly ports: readonly PortView[];
  readonly inputs: readonly PortView[];
  readonly outputs: readonly PortView[];
  readonly inputCount: number;
  readonly outputCount: number;
  /** Names of the C parameters, joined for an initialiser. */
  readonly inputArgs: string;
  readonly outputArgs: string;
  /** Their types as tilewright.h names them, joined for an initialiser. */
  readonly inputTypes: string;
  readonly outputTypes: string;
  /** Inputs of whole numbers are copied to floats. */
  readonly wholeInputs: boolean;
  /** Some are made floats before the first layer: where those lie, in C. */
  readonly madeFloats: boolean;
  readonly given: readonly { readonly index: number; readonly floats: string }[];
  readonly madeOfFloats: boolean;
  /** Outputs that are made of floats, and where those lie, in C. */
  readonly converted: readonly { readonly index: number; readonly floats: string }[];
  /** Where numbers lie that are NaN after a run that has failed, in C. */
  readonly checks: readonly { readonly floats: string }[];
}
export interface LayerView {
  readonly index: number;
  readonly comment: string;
  readonly kernel: string;
  /** Arguments before begin and end, each followed by a comma and a space or a line break. */
  readonly args: string;
  /** C string literals. */
  readonly nameString: string;
  readonly opString: string;
  readonly kernelString: string;
  readonly macs: string;
  readonly grid: number;
  readonly output: number;
  readonly offset: number;
  readonly bytes: number;
  /** Whether its chunks are done in steps; where these end in a block of chunks. */
  readonly hasSteps: boolean;
  readonly steps: string;
  readonly stepCount: number;
  /** Whether it needs scratch memory; where that begins in the arena, and how many bytes each thread has. */
  readonly hasScratch: boolean;
  readonly scratch: number;
  readonly scratchBytes: number;
}
export interface PortView {
  readonly nameString: string;
  readonly macro: string;
  readonly cType: string;
  readonly rank: number;
  readonly dimsName: string;
  /** Dimensions, joined for an initialiser. */
  readonly dims: string;
}

/** A Python module for a network; texts are Python's literals. */
interface PythonClientView {
  readonly net: string;
  /** The entries of a dictionary of its inputs. */
  readonly call: string;
  readonly library: string;
  readonly inputs: readonly PythonPort[];
  readonly outputs: readonly PythonPort[];
  readonly arenaBytes: number;
}
export interface PythonPort {
  readonly name: string;
  readonly shape: string;
  readonly dtype: string;
}

/** Examples that run a network on a picture: one input of bytes, a row of pixels after another, and one output of floats. */
export interface CameraView {
  readonly net: string;
  readonly macro: string;
  readonly width: number;
  readonly height: number;
  /** Constants of the header for the input and the first output, and its elements. */
  readonly inputMacro: string;
  readonly scoresMacro: string;
  readonly scores: number;
  readonly arenaBytes: number;
}

interface ReadmeView {
  /** First line, by which a later bundle knows that it may be replaced. */
  readonly mark: string;
  readonly net: string;
  readonly macro: string;
  readonly target: string;
  readonly summary: readonly string[];
  /** What the header declares, line by line. */
  readonly declarations: readonly string[];
}

interface WeightsView {
  readonly net: string;
  readonly weightBytes: number;
  readonly align: number;
}

interface SourcesView {
  readonly net: string;
  /** Of Tilewright. */
  readonly version: string;
  readonly golden: boolean;
  /** File names, joined with commas. */
  readonly goldenInputs: string;
  readonly goldenOutputs: string;
  readonly tolerances: string;
  /** Paths inside the bundle. */
  readonly librarySources: readonly string[];
  readonly programSources: readonly string[];
  readonly kernels: readonly KernelSourceView[];
  /** What kernels ask of the C compiler, by its family. */
  readonly gcc: FamilyView;
  readonly clang: FamilyView;
}
/** Flags of a family of C compilers. */
interface FamilyView {
  readonly intents: readonly { readonly intent: string; readonly flags: string }[];
  /** Against warnings that bundles deserve of no other. */
  readonly quiet: string;
}
interface KernelSourceView {
  readonly name: string;
  /** It asks something of the C compiler. */
  readonly flagged: boolean;
  /** Variables of its intents, and flags. */
  readonly makeFlags: string;
  /** The same in CMake's language, each after a space. */
  readonly cmakeFlags: string;
}
export interface MakefileView extends SourcesView {
  readonly target: string;
  /** Comment lines: how to build with another compiler than `cc`. */
  readonly otherCompiler: string;
  readonly cflags: string;
}
export interface CmakeView extends SourcesView {
  /** Flags for every file, joined with spaces. */
  readonly cmakeFlags: string;
}
