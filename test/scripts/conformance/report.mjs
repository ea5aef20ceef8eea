const OUTCOMES = ["passed", "refused", "left out", "wrong", "crashed"];

/** Counts of one suite or operator: "12 passed, 3 refused". */
function counts(results) {
  return OUTCOMES.map((outcome) => [outcome, results.filter((each) => each.outcome === outcome).length])
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(", ");
}

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** By operator, then refusals by reason, then what is wrong, then a line for each suite. */
export function reportText(results) {
  const lines = [];
  const asked = results.filter(({ outcome }) => outcome !== "left out");
  const byOperator = [...grouped(asked, ({ operator }) => operator)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [operator, of] of byOperator) lines.push(`${operator.padEnd(28)} ${counts(of)}`);
  const refused = results.filter(({ outcome }) => outcome === "refused");
  const reasons = [...grouped(refused, ({ why }) => reason(why))].sort(([, a], [, b]) => b.length - a.length);
  if (reasons.length > 0) lines.push("", "refused:");
  for (const [why, of] of reasons) lines.push(`${String(of.length).padStart(4)}  ${why}`);
  const bad = results.filter(({ outcome }) => outcome === "wrong" || outcome === "crashed");
  for (const { name, outcome, why } of bad) lines.push("", `${outcome}: ${name}`, `  ${why}`);
  lines.push("");
  for (const [suite, of] of grouped(results, ({ name }) => name.split("/")[0])) {
    const questions = of.filter(({ outcome }) => outcome !== "left out");
    const passed = of.filter(({ outcome }) => outcome === "passed").length;
    lines.push(`${suite}: ${passed} of ${questions.length} pass (${counts(of)})`);
  }
  return lines.join("\n");
}

/** A reason without the names of this test, so that alike ones are one line. */
function reason(why) {
  return why
    .replace(/^node `[^`]*`( and \d+ more)?: /, "")
    .replace(/ \(opset \d+\)/, "")
    .replace(/(unknown operator),.*/, "$1")
    .replace(/`[^`]*`/g, "`...`")
    .slice(0, 120);
}

/** Tests whose outcome is another than expected: losses, and gains that the list does not know. */
export function compareWith(expected, results) {
  const passed = ({ outcome }) => outcome === "passed";
  return {
    losses: results.filter((each) => !passed(each) && expected.get(each.name) === "passed"),
    gains: results.filter((each) => passed(each) && expected.get(each.name) !== "passed"),
  };
}
