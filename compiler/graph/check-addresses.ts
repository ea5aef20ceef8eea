import { portBytes } from "../ir/port-type.ts";
import type { Isa } from "../machine/target.schema.ts";
import { UserError } from "../support/diagnostic.ts";
import { elementCount } from "./extents.ts";
import type { Plan } from "./plan.ts";

/**
 * Kernels count elements of a tensor and bytes of the arena with ptrdiff_t, which has as many bits as an address. Throws F403
 * where that does not reach the end of one of them.
 */
export function checkAddresses({ name, arenaBytes, inputs, outputs }: Plan, isa: Isa): void {
  if (isa.addressBits === undefined) return;
  const most = 2 ** (isa.addressBits - 1) - 1;
  const parts = [
    { what: "its arena", bytes: arenaBytes },
    ...[...inputs, ...outputs].map((port) => ({
      what: `\`${port.name}\``,
      bytes: elementCount(port.shape) * portBytes(port.dtype ?? "f32"),
    })),
  ];
  const tooLarge = parts.find(({ bytes }) => bytes > most);
  if (tooLarge === undefined) return;
  throw new UserError({
    code: "F403",
    exit: "unsupportedModel",
    title: `\`${name}\` is too large for addresses of ${isa.addressBits} bits`,
    why: `${tooLarge.what} takes ${tooLarge.bytes} bytes; ${isa.name} reaches ${most}`,
    help: ["compile for a 64-bit target, or give a smaller shape with --input-shape"],
  });
}
