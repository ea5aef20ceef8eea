import { create, type XMLElement } from "xmlbuilder";
import { plainName } from "../../support/text.ts";
import { amountText } from "../amounts.ts";
import { figuresByKind, KINDS } from "../figure-kinds.ts";
import type { CaseResult, Results } from "../results.schema.ts";
import { failureText, failureTitle } from "./failure-text.ts";

/** JUnit XML, as Jenkins, GitLab and GitHub's reporters read it: one test case for each case, figures as its properties. */
export function junit(results: Results): string {
  const { cases, suite, label, tilewright } = results;
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ verdict }) => verdict === "wrong").length,
    errors: cases.filter(({ verdict }) => verdict === "error").length,
    time: seconds(cases.reduce((sum, one) => sum + one.seconds, 0)),
  };
  const root = create("testsuites", { version: "1.0", encoding: "UTF-8" }).att(counts);
  const testsuite = root.ele("testsuite", { name: plainName(suite), ...counts, skipped: 0 });
  properties(testsuite, [
    ["tilewright", tilewright.version],
    ...(tilewright.build === undefined ? [] : [["build", tilewright.build] as const]),
    ...(label === undefined ? [] : [["label", label] as const]),
  ]);
  for (const one of cases) testcase(testsuite, one, suite);
  return `${root.end({ pretty: true })}\n`;
}

function testcase(parent: XMLElement, found: CaseResult, suite: string): void {
  const { name, board, target, core, threads, timing, whole } = found;
  const element = parent.ele("testcase", {
    name: plainName(name),
    classname: plainName(`${suite}.${board}`),
    time: seconds(found.seconds),
  });
  const figures = [...figuresByKind(whole, timing)].map(
    ([kind, value]) => [KINDS[kind].title, amountText(kind, value)] as const,
  );
  properties(element, [
    ["model", found.model],
    ["target", target],
    ["core", core],
    ["threads", String(threads)],
    ...figures,
  ]);
  const title = failureTitle(found);
  if (title === undefined) return;
  const wrong = found.verdict === "wrong";
  const type = wrong ? "wrong result" : plainName(found.error?.code ?? "error");
  element.ele(wrong ? "failure" : "error", { message: title, type }, failureText(found));
}

function properties(parent: XMLElement, all: readonly (readonly [string, string])[]): void {
  const list = parent.ele("properties");
  for (const [name, value] of all) list.ele("property", { name, value: plainName(value) });
}

function seconds(value: number): string {
  return value.toFixed(3);
}
