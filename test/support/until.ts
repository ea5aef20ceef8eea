/** How long a condition may take that a busy machine fulfils late: far longer than on a quiet one, where nobody waits for it. */
const PATIENCE_MS = 60_000;

/** Waits until `holds`, looking every few milliseconds. Throws with the condition's text when it never does. */
export async function until(holds: () => boolean | Promise<boolean>, everyMs = 20): Promise<void> {
  const began = performance.now();
  while (!(await holds())) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`never so: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
