import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of tests that run one program after another for minutes: begun last, they would keep one core waiting for them. */
const LONGEST = [
  "board/readme",
  "board/demo",
  "board/package",
  "board/tune",
  "board/report",
  "board/kept-copies",
  "board/ssh-slow",
  "device/ssh-faults",
  "architecture/style",
].map((name) => `test/${name}.test.ts`);

/** The longest files of tests first, whatever is known of earlier runs: a fresh clone knows nothing. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place === -1 ? LONGEST.length : place;
    };
    return rest.toSorted((a, b) => rank(a) - rank(b));
  }
}
