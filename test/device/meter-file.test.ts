import { expect, test } from "vitest";
import { parseMeterFile } from "../../compiler/device/meter-file.ts";
import { messageOf } from "../support/message.ts";

const readings = (text: string): [number, number][] =>
  parseMeterFile("meter.csv", text).map(({ seconds, reading: { sensors } }) => {
    const [sensor] = sensors;
    return [seconds, sensor.kind === "power" ? sensor.watts : Number.NaN];
  });

test("times and powers of meters, in the order of time", () => {
  expect(readings("time,power\n1700000001.5,2.5\n1700000000,2\n")).toEqual([
    [1700000000, 2],
    [1700000001.5, 2.5],
  ]);
  expect(readings('\uFEFF"Timestamp";"Voltage (V)";"Current (mA)"\r\n1700000000500;5.0;600\r\n')).toEqual([
    [1700000000.5, 3],
  ]);
  expect(readings("date\tpower (mW)\n2023-11-14T22:13:20Z\t1500\n")).toEqual([[1700000000, 1.5]]);
  expect(readings("time,power\nnever,2\n1700000000,\n1700000000,3\nsum,5\n")).toEqual([[1700000000, 3]]);
});

test("other files are refused", async () => {
  expect(await messageOf(() => parseMeterFile("x.csv", "a,b\n1,2\n"))).toMatchInlineSnapshot(`
    "error[R192]: \`x.csv\` is no file of a power meter
      why:   its first line is \`a,b\`
      help:  its first line has to name a column of times, and power, or voltage and current: \`time,power (mW)\`"
  `);
  expect(await messageOf(() => parseMeterFile("x.csv", "time,volts,amps\n"))).toMatchInlineSnapshot(`
    "error[R192]: \`x.csv\` is no file of a power meter
      why:   no line has a time and a power
      help:  its first line has to name a column of times, and power, or voltage and current: \`time,power (mW)\`"
  `);
});
