import type { BundleMetadata } from "../../artifact/bundle.ts";
import { render } from "../../codegen/templates.ts";
import type { PythonPort } from "../../codegen/views.ts";
import { type ClientPort, clientTypes } from "./port-types.ts";

/** A Python module that calls a bundle's shared library by ctypes. `library`: its path, relative to the module. */
export function pythonClient(metadata: BundleMetadata, library: string): string {
  const inputs = metadata.inputs.map(pythonPort);
  return render("client.py", {
    net: metadata.program,
    call: inputs.map(({ name }) => `${name}: array`).join(", "),
    library: pythonText(library),
    inputs,
    outputs: metadata.outputs.map(pythonPort),
    arenaBytes: metadata.arenaBytes,
  });
}

function pythonPort(port: ClientPort): PythonPort {
  const { name, shape } = port;
  return {
    name: pythonText(name),
    shape: shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`,
    dtype: pythonText(clientTypes(port).numpy),
  };
}

/** JSON's texts are Python's, too; what is no ASCII is escaped, as it might turn lines around. */
function pythonText(text: string): string {
  return JSON.stringify(text).replace(
    /[^ -~]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
