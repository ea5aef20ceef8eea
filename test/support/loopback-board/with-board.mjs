// Runs a command while a loopback board is up:
//
//   node test/support/loopback-board/with-board.mjs [--cpu CORE] [--alias NAME] -- COMMAND [ARGUMENT...]
//
// In the command's words, and in its environment, LOOPBACK_BOARD is the destination and
// LOOPBACK_SSH_CONFIG the ssh configuration: `{board}` and `{ssh-config}` stand for them. Without a
// command it says how to reach the board and keeps it up until interrupted.
import { spawn } from "node:child_process";
import { startLoopbackBoard } from "./loopback-board.mjs";

const words = process.argv.slice(2);
const split = words.includes("--") ? words.indexOf("--") : words.length;
/** @param {string} name */
const option = (name) => {
  const at = words.slice(0, split).indexOf(name);
  return at < 0 ? undefined : words[at + 1];
};
const cpu = option("--cpu");
const alias = option("--alias");
const board = await startLoopbackBoard({
  ...(cpu !== undefined && { cpu }),
  ...(alias !== undefined && { alias }),
});
const [program, ...args] = words
  .slice(split + 1)
  .map((word) =>
    word.replaceAll("{board}", board.destination).replaceAll("{ssh-config}", board.sshConfigPath),
  );
if (program === undefined) {
  console.log(`a board is up: --board ${board.destination} --ssh-config ${board.sshConfigPath}`);
  console.log(`try: ssh -F ${board.sshConfigPath} ${board.destination} uname -a; Control-C ends it`);
  setInterval(() => {}, 1 << 30);
} else {
  const child = spawn(program, args, {
    stdio: "inherit",
    env: { ...process.env, LOOPBACK_BOARD: board.destination, LOOPBACK_SSH_CONFIG: board.sshConfigPath },
  });
  child.on("error", (error) => {
    console.error(String(error));
    process.exit(127);
  });
  child.on("close", (code) => {
    board.stop();
    process.exit(code ?? 1);
  });
}
