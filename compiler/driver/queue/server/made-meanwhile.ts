/** duplicate_schema, duplicate_table, unique_violation (PostgreSQL, Appendix A). */
const MADE_MEANWHILE = ["42P06", "42P07", "23505"];
const MOST_TIMES = 5;

/**
 * Makes what may be there, once more where somebody else made it in between: "if not exists" fails with an error, too, where a
 * session has not heard yet of what another one has just made. Throws what making throws.
 */
export async function makeWhatIsMissing<T>(make: () => Promise<T>): Promise<T> {
  for (let times = 1; ; times++) {
    try {
      return await make();
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (times === MOST_TIMES || code === undefined || !MADE_MEANWHILE.includes(code)) throw error;
    }
  }
}
