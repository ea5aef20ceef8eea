import { eachRegister, operands, type VBlock, type VExpr, type VStmt, walkVExpr } from "../ir/vector.ts";

/**
 * Says in which register each vector is by whose lanes is multiplied, where only the first `count` can be named for that: gcc 12 puts
 * sums there and copies factors to and fro. Those beyond `count` at a time stay where it likes, and so do those that live into a loop
 * below, which has all registers for itself, or beyond a call, which leaves nothing in them.
 */
export function placeFactors(block: VBlock, count: number): VBlock {
  const factors = factorsIn(block);
  const last = lastMentions(block);
  // the one that has been free longest comes first
  const free = Array.from({ length: count }, (_, number) => number);
  const taken: { readonly until: number; readonly number: number }[] = [];
  return block.map((s, i): VStmt => {
    if (s.kind === "for" || s.kind === "if") return { ...s, body: placeFactors(s.body, count) };
    const done = taken.filter(({ until }) => until < i).sort((a, b) => a.until - b.until);
    for (const one of done) {
      taken.splice(taken.indexOf(one), 1);
      free.push(one.number);
    }
    const until = s.kind === "let" && factors.has(s.name) ? (last.get(s.name) ?? i) : -1;
    const number = until < 0 || block.slice(i, until + 1).some(takesRegisters) ? undefined : free.shift();
    if (s.kind !== "let" || number === undefined) return s;
    taken.push({ until, number });
    return { ...s, register: number };
  });
}

function takesRegisters(s: VStmt): boolean {
  if (s.kind === "for" || s.kind === "if") return true;
  return "value" in s && callsFunction(s.value);
}

function callsFunction(e: VExpr): boolean {
  const calls = e.kind === "call" || (e.kind === "unary" && e.op !== "neg");
  return calls || operands(e).some(callsFunction);
}

/** Registers by whose lanes a block multiplies. */
export function factorsIn(block: VBlock): ReadonlySet<string> {
  const names = new Set<string>();
  for (const s of block) {
    if (!("value" in s)) continue;
    walkVExpr(s.value, (e) => {
      if ((e.kind === "fma-lane" || e.kind === "mul-lane") && e.b.kind === "register") names.add(e.b.name);
    });
  }
  return names;
}

/** The last statement of a block in which a register is mentioned, in it or below it. */
function lastMentions(block: VBlock): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  const within = (part: VBlock, i: number): void => {
    for (const s of part) {
      if (s.kind === "for" || s.kind === "if") within(s.body, i);
      else if ("value" in s) mention(s.value, i);
    }
  };
  const mention = (value: VExpr, i: number): void => eachRegister(value, (name) => last.set(name, i));
  block.forEach((s, i) => {
    within([s], i);
  });
  return last;
}
