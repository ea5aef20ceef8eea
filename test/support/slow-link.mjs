// A TCP proxy that is as slow as a bad radio link: so many bytes a second each way, so long for each way, and pauses.
import { connect, createServer } from "node:net";

/**
 * @param {number} port of the server behind it
 * @param {import("./slow-link.d.mts").LinkOptions} options
 * @returns {Promise<import("./slow-link.d.mts").SlowLink>}
 */
export function startSlowLink(port, options = {}) {
  const { bytesPerSecond = Number.POSITIVE_INFINITY, delayMs = 0 } = options;
  const sockets = new Set();
  let paused = Promise.resolve();
  let there = 0;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    for (const [from, to, count] of /** @type {const} */ ([
      [near, far, true],
      [far, near, false],
    ])) {
      sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
      carry(from, to, count).catch(() => to.destroy());
    }
  });
  /**
   * @param {import("node:net").Socket} from
   * @param {import("node:net").Socket} to
   * @param {boolean} count
   */
  const carry = async (from, to, count) => {
    // When the last byte has left: the next one leaves after it.
    let free = performance.now();
    let delivered = Promise.resolve();
    for await (const chunk of from) {
      if (count) there += chunk.length;
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        free = Math.max(free, performance.now()) + (piece.length / bytesPerSecond) * 1000;
        const arrives = free + delayMs;
        delivered = delivered.then(async () => {
          if (arrives > performance.now()) await sleep(arrives - performance.now());
          await paused;
          if (to.writable) to.write(piece);
        });
        // No more is taken than the link has room for.
        const ahead = free - performance.now();
        if (ahead > 50) await sleep(ahead);
      }
    }
    await delivered;
    to.end();
  };
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({
        port: typeof address === "object" && address !== null ? address.port : 0,
        bytesThere: () => there,
        pause: (ms) => {
          paused = sleep(ms);
          return paused;
        },
        cut: () => {
          for (const socket of sockets) socket.destroy();
        },
        stop: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

const PIECE = 4096;

/** @param {number} ms @returns {Promise<void>} */
function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
