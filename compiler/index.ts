/** Tilewright as a library: the same steps that the command line takes. */

export {
  type AnalysedStep,
  type Analysis,
  analyzeNetwork,
  type LayerAnalysis,
} from "./analyze/analyze-network.ts";
export { regroup } from "./analyze/regroup.ts";
export type { Traffic } from "./analyze/step-traffic.ts";
export type { BundleMetadata } from "./artifact/bundle.ts";
export type { Intent } from "./artifact/intent.ts";
export { emitKernel } from "./codegen/emit-kernel.ts";
export { type OpenBoardOptions, openBoard } from "./device/open-board.ts";
export type { Job, JobResult, Runner } from "./device/runner.ts";
export type { BundleFiles, BundleMeta } from "./driver/bundle/emit-bundle.ts";
export { writeBundle } from "./driver/bundle/emit-bundle-write.ts";
export { type FileContents, type LargeFile, wholeFile } from "./driver/bundle/large-file.ts";
export { type CompiledNetwork, type CompileOptions, compileNetwork } from "./driver/compile-network.ts";
export { analyzeDecided } from "./driver/decide/analyze-decided.ts";
export {
  type DecisionSource,
  type Decisions,
  decisionsOf,
  type StepDecision,
  UNDECIDED,
} from "./driver/decide/decisions.ts";
export { decisionsText, readDecisions, withSetting } from "./driver/decide/decisions-file.ts";
export { compileLayer, compileOp, type Explanation, explain } from "./driver/decide/explain.ts";
export { type KernelTrial, type TryOptions, tryKernel } from "./driver/kernel/schedule-kernel.ts";
export {
  compileUserKernel,
  type ScheduleContext,
  type ScheduleFunction,
  type UserKernel,
  type UserKernelRequest,
} from "./driver/kernel/user-kernel.ts";
export type { OutputChange } from "./driver/quantize/output-change.ts";
export { type QuantizedNetwork, quantizeNetwork, type Sample } from "./driver/quantize/quantize-network.ts";
export { samplesOf } from "./driver/quantize/samples.ts";
export { type JoinedQueue, type JoinOptions, joinQueue } from "./driver/queue/join-queue.ts";
export { type DeskOptions, openDesk } from "./driver/queue/open-desk.ts";
export { type OpenQueueOptions, openQueue, type QueueLink } from "./driver/queue/open-queue.ts";
export { type QueueAddress, queueAddress } from "./driver/queue/queue-address.ts";
export { type ServeOptions, serveQueue } from "./driver/queue/serve-queue.ts";
export { tuneQueued } from "./driver/queue/tune-queued.ts";
export { networkData, type ReportedNetwork } from "./driver/report/network-data.ts";
export type { ReportData, ReportKernel, ReportLayer, ReportSection } from "./driver/report/report-data.ts";
export { reportPage } from "./driver/report/report-page.ts";
export { resultsData } from "./driver/report/results-data.ts";
export { sweepData } from "./driver/report/sweep-data.ts";
export { tuneCurves } from "./driver/report/tune-curves.ts";
export {
  type BenchOptions,
  type BenchReport,
  benchNetwork,
  type LayerReport,
} from "./driver/run/bench-network.ts";
export { type FrameEnergy, measureEnergy } from "./driver/run/measure-energy.ts";
export type { NetworkProgram } from "./driver/run/network-program.ts";
export { type Effort, USUAL_EFFORT } from "./driver/run/repetition.ts";
export { type RunOptions, type RunResult, runNetwork, type Values } from "./driver/run/run-network.ts";
export {
  compareWithReference,
  randomInputs,
  type TensorReport,
  traceNetwork,
  type VerifyReport,
} from "./driver/run/verify-network.ts";
export { type AdviceRequest, adviseGroups, type GroupAdvice } from "./driver/sweep/advise-groups.ts";
export { runSweep, type SweepProgress, sweepLogFile } from "./driver/sweep/run-sweep.ts";
export { sweepColumns } from "./driver/sweep/sweep-columns.ts";
export { readSweepModel, type SweepModel } from "./driver/sweep/sweep-model.ts";
export type { SweepPlace } from "./driver/sweep/sweep-setting.ts";
export { type GoldenKeeper, keepGolden } from "./driver/test/golden/keep-golden.ts";
export { layerGraph } from "./driver/test/layer-graph.ts";
export { type ReadSuite, readSuite } from "./driver/test/read-suite.ts";
export { runSuite, type SuiteOptions } from "./driver/test/run-suite.ts";
export type { LayerSizes, Suite } from "./driver/test/suite.schema.ts";
export { suiteOf, type TestCase, testCases } from "./driver/test/test-cases.ts";
export { contestsOf } from "./driver/tune/contests.ts";
export { openMeter } from "./driver/tune/open-meter.ts";
export { type Recorded, recordedDecisions, recordNotes } from "./driver/tune/recorded-decisions.ts";
export { bestBy, servesAlike } from "./driver/tune/records/best-records.ts";
export { differences, mergedLines, prunedLines, summaries } from "./driver/tune/records/log-lines.ts";
export { shippedRecords } from "./driver/tune/records/shipped-records.ts";
export { type T4Results, t4Of } from "./driver/tune/records/t4.ts";
export { shippedDecisions } from "./driver/tune/shipped-decisions.ts";
export { tuneFromTable } from "./driver/tune/tune-from-table.ts";
export { type Budget, type TuneOptions, type TuneReport, tuneNetwork } from "./driver/tune/tune-network.ts";
export { openTuneLog, readTuneLog, type TuneLine } from "./driver/tune/tune-record.ts";
export { readTuneTable, type TuneTable } from "./driver/tune/tune-table.ts";
export { calibrateBundle } from "./driver/turns/calibrate-bundle.ts";
export { compareBundles, type TurnReport } from "./driver/turns/compare-bundles.ts";
export { type TurnChange, type TurnOptions, type Turns, takeTurns } from "./driver/turns/take-turns.ts";
export { type LoadedModel, type LoadOptions, loadModel, readModel } from "./frontend/load-model.ts";
export { type NpyArray, readNpy, readNpyOf, readNpz, writeNpy, writeNpz } from "./frontend/npy.ts";
export { exportOnnx } from "./frontend/onnx/export.ts";
export type { Graph, GraphNode, NodeOp, Tensor } from "./graph/graph.ts";
export type { DType } from "./ir/dtype.ts";
export { printProc } from "./ir/print.ts";
export type { LoopProc } from "./ir/proc.ts";
export { parseKernelText } from "./language/parse-kernel.ts";
export { lower } from "./lower/lower.ts";
export { lanesOf } from "./machine/isa-rows.ts";
export { listTargets, loadTarget } from "./machine/load.ts";
export type { Board, Core, Isa, Target } from "./machine/target.schema.ts";
export { type ChangeOptions, type ChangePoint, exactChanges, noisyChanges } from "./results/change-points.ts";
export { compareResults } from "./results/compare/compare-results.ts";
export type {
  CaseComparison,
  Change,
  Comparison,
  LayerComparison,
  Refusal,
} from "./results/compare/comparison.ts";
export { comparisonCsv } from "./results/compare/comparison-csv.ts";
export { comparisonMarkdown } from "./results/compare/comparison-markdown.ts";
export { FORMATS, type WriteFormat } from "./results/formats/formats.ts";
export { calibrate } from "./results/gate/calibrate.ts";
export type { GateRules } from "./results/gate/gate-rules.schema.ts";
export {
  type Alarm,
  DEFAULT_THRESHOLDS,
  type GateReport,
  type GateSettings,
  judge,
  type Thresholds,
} from "./results/gate/judge.ts";
export { readGateRules } from "./results/gate/read-gate-rules.ts";
export type { HistoryLine } from "./results/history.schema.ts";
export { historyLine, openHistory, readHistory } from "./results/history-log.ts";
export { readResults } from "./results/read-results.ts";
export type { CaseResult, Check, Failure, Figures, LayerResult, Results } from "./results/results.schema.ts";
export type { Certainty, Verdict } from "./results/steadiness/judge-blocks.ts";
export { type Trend, type TrendQuery, trendsOf } from "./results/trends.ts";
export { type Choose, divisors, listChoices } from "./schedule/choose.ts";
export { Schedule, type Trace } from "./schedule/schedule.ts";
export { tolerance } from "./schedule/tolerance.ts";
export { diffText, diffTraces, parseTrace } from "./schedule/trace.ts";
export { type Diagnostic, InternalError, renderDiagnostic, UserError } from "./support/diagnostic.ts";
export { EXIT } from "./support/exit-codes.ts";
export {
  type BuildOptions,
  type BuiltBundle,
  buildBundle,
  readMetadata,
} from "./toolchain/compile-bundle.ts";
