import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";

/** The whole message of the user error that something ends with; "no error" when it ends well. */
export async function messageOf(result: Promise<unknown>): Promise<string> {
  try {
    await result;
    return "no error";
  } catch (error) {
    if (error instanceof UserError) return renderDiagnostic(error.diagnostic);
    throw error;
  }
}
