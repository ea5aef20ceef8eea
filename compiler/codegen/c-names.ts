import { sha256 } from "../support/stable.ts";

/**
 * Makes names of models, kernels and schedules safe in C: one rule for networks, tensors, kernels, loops and values. What
 * is an ordinary name stays as it is.
 */

/** Words that are no names in C11, C++20 or gcc's dialects of them, macros in small letters among them. */
const WORDS: ReadonlySet<string> = new Set(
  `alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t char8_t class co_await
  co_return co_yield compl complex concept const const_cast consteval constexpr constinit continue decltype default delete
  do double dynamic_cast else enum errno explicit export extern false float for friend goto if imaginary inline int linux
  long main math_errhandling mutable namespace new noexcept noreturn not not_eq nullptr operator or or_eq private protected public register
  reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast stderr stdin stdout struct
  switch template this thread_local throw true try typedef typeid typename typeof typeof_unqual union unix unsigned using
  virtual void volatile wchar_t while xor xor_eq ACCESSPERMS ALLPERMS BUFSIZ CSIGNAL DEFFILEMODE FAPPEND FASYNC FFSYNC FNDELAY
  FNONBLOCK I INFINITY MAXFLOAT MINSIGSTKSZ NAN NFDBITS NGREG NSIG NULL NZERO WCONTINUED WEOF WEXITED WNOHANG WNOWAIT
  WSTOPPED WUNTRACED sa_handler sa_sigaction sched_priority si_addr si_addr_lsb si_arch si_band si_call_addr si_fd si_int
  si_lower si_overrun si_pid si_pkey si_ptr si_status si_stime si_syscall si_timerid si_uid si_upper si_utime si_value
  sigev_notify_attributes sigev_notify_function sigcontext_struct st_atime st_ctime st_mtime`.split(/\s+/),
);

/** The runtime's own names, and families of names that C and POSIX keep for macros of their headers. */
const FAMILIES: readonly RegExp[] = [
  /^tw_/i,
  /^_/,
  // FLT_MAX, LC_ALL, SIGINT and the like, with and without an underscore
  /^[A-Z][A-Z0-9]*_[A-Z0-9_]*$/,
  /^(E[A-Z0-9]|SIG[A-Z]|CMPLX|SNAN)[A-Z0-9]*$/,
  /^(PRI|SCN)[a-zX]/,
  // M_PIf, L_tmpnam
  /^[MLP]_/,
];

/** A word that C, C++ or their headers know as something else than a name. */
export function isReserved(name: string): boolean {
  return WORDS.has(name) || FAMILIES.some((family) => family.test(name));
}

/** Longer names make files and symbols that some systems cannot take. */
const LONGEST = 100;

/** Letters, digits and underscores of a text, beginning with a letter; what is too long ends in a hash of the whole. */
export function cIdentifier(text: string): string {
  const cleaned = text.replace(/[^A-Za-z0-9_]/g, "_").replace(/^_+/, "");
  const id = /^[A-Za-z]/.test(cleaned) ? cleaned : `n${cleaned}`;
  return id.length <= LONGEST ? id : `${id.slice(0, LONGEST - 13)}_${sha256(text).slice(0, 12)}`;
}

/**
 * Distinct C identifiers for names, none reserved or in `taken`. Names that can stay as they are do; a reserved one gets
 * `n_` in front, and one that is taken a number behind it.
 */
export function cNames(names: readonly string[], taken: Iterable<string> = []): string[] {
  const safe = (name: string): string => {
    const id = cIdentifier(name);
    return isReserved(id) ? `n_${id}` : id;
  };
  return distinct(names.map(safe), names, taken);
}

/** The texts, each that is there already with a number behind it; one that is its own name keeps it. */
export function distinct(
  texts: readonly string[],
  names: readonly string[] = texts,
  taken: Iterable<string> = [],
): string[] {
  const used = new Set(taken);
  const own = new Set<number>();
  for (const [i, text] of texts.entries()) {
    if (text !== names[i] || used.has(text)) continue;
    used.add(text);
    own.add(i);
  }
  return texts.map((text, i) => {
    if (own.has(i)) return text;
    let candidate = text;
    for (let n = 2; used.has(candidate); n++) candidate = `${text}_${n}`;
    used.add(candidate);
    return candidate;
  });
}
