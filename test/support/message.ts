import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";

/** The whole text a user sees when `action` fails; a failure that is not the user's is rethrown. */
export async function messageOf(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return renderDiagnostic(error.diagnostic);
    throw error;
  }
  throw new Error("expected a UserError, but nothing was thrown");
}
