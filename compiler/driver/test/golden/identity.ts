import { bytesOf } from "../../../ir/typed-array.ts";
import { contentKey, sha256 } from "../../../support/stable.ts";
import type { Network } from "../../read-network.ts";
import type { NetworkSubject, TestCase } from "../test-cases.ts";
import type { TestInputs } from "../test-inputs.ts";
import type { GoldenIdentity } from "./golden.schema.ts";

/** What outputs of a case are of: its network as it is read, and what its inputs hold. Boards and threads make no other outputs. */
export function goldenIdentity(
  { title }: Pick<TestCase, "title">,
  subject: NetworkSubject,
  network: Pick<Network, "sha256">,
  { name, values }: TestInputs,
): GoldenIdentity {
  const reading = subject.kind === "model" ? subject.reading : {};
  const given = [...values].map(([input, { shape, data }]) => [input, shape, sha256(bytesOf("f32", data))]);
  return {
    case: title,
    inputs: name,
    network: contentKey({ sha256: network.sha256, reading }),
    given: contentKey(given),
  };
}
