import { makeRng, type Rng } from "../../compiler/support/rng.ts";

/** What somebody may call something, and C, C++, the runtime, the passes or a file system know as something else. */
const WORDS = `
  int double float register restrict inline unsigned signed auto goto struct union sizeof short long void volatile const
  static extern typedef enum switch case default do while for if else return break continue char
  _Bool _Complex _Generic _Static_assert _Alignas _Atomic _Noreturn _Thread_local asm typeof
  class template typename namespace new delete this throw try catch operator private public virtual friend mutable explicit
  bool true false nullptr alignas alignof constexpr decltype noexcept static_assert thread_local wchar_t char16_t char32_t
  and and_eq bitand bitor compl not not_eq or or_eq xor xor_eq const_cast dynamic_cast reinterpret_cast static_cast typeid
  concept requires co_await co_yield co_return consteval constinit char8_t export using
  NULL NAN INFINITY EOF BUFSIZ HUGE_VAL M_PI INT_MAX FLT_EPSILON EDOM SIGINT LC_ALL PRIu32 I complex errno stdin stdout assert
  linux unix main size_t ptrdiff_t int32_t float32x4_t float32x4x2_t uint8x16_t
  expf fmaxf fminf sqrtf tanhf exp sin cos pow log log2 j0 y0 y1 jn gamma signgam isnan isinf signbit fabs floor
  printf malloc memcpy memset strlen index rindex time clock signal abort exit environ read write open close
  vld1q_f32 vst1q_f32 vfmaq_f32 vfmaq_laneq_f32 vdupq_n_f32 vmaxq_f32 vget_lane_bf16
  task begin end arena pool frame inputs outputs layers input_data output_data layer_0 tw_min tw_pool tw_network tw_frame
  tw_arena_at TW_MARK layer dims net network weights run
  t t_0 t_1 x x_0 x_1 x_p0 x_p1 y y_p0 w w_p0 r r0 r1 r_1_0 a b c x_near0 x_far0 x_n0 x_s0 t_p0 c_0 lane
  __proto__ constructor toString hasOwnProperty valueOf prototype length name
  $ $i $1 $lane i$ é über 日本 αβγ 😀 a\u0301 \u202edlrow \u0000 \u001b[31m
  math stdio string tilewright m c pthread test all clean help aux con nul com1 CON
`
  .trim()
  .split(/\s+/);

const TEXTS = [
  "",
  " ",
  ".",
  "..",
  "../../etc/passwd",
  "/abs/olute",
  "-rf",
  "--help",
  "a b",
  "a/b:0",
  "conv1/Conv_output_0",
  "3d",
  "0",
  '"',
  "'",
  "`id`",
  "$(id)",
  "$HOME",
  "a\\",
  "??/",
  "*/",
  "/*",
  "//",
  "\n",
  "a\n#error hostile\n",
  "a\r\nb",
  "a\tb",
  "%s%n",
  "{{net}}",
  "<script>",
  "&amp;",
  "a;b",
  "a#b",
  "a,b",
  "n".repeat(300),
];

/** So many names, no two alike: words, and words and texts with something before, behind or between. */
export function hostileNames(count: number, seed: number): string[] {
  const rng = makeRng(seed);
  const names = new Set([...WORDS, ...TEXTS]);
  while (names.size < count) names.add(changed(pick(rng, rng.int(3) === 0 ? TEXTS : WORDS), rng));
  return [...names].slice(0, count);
}

function changed(name: string, rng: Rng): string {
  switch (rng.int(8)) {
    case 0:
      return `${name}_${1 + rng.int(3)}`;
    case 1:
      return `n_${name}`;
    case 2:
      return `${pick(rng, ["_", "__", "tw_", "TW_", ".", "/", "1", "-"])}${name}`;
    case 3:
      return `${name}${pick(rng, ["_", "__", ".0", "/", "0", "\n", "_dims", "_run", "_p0", "_t"])}`;
    case 4:
      return name.toUpperCase();
    case 5:
      return `${name}${pick(rng, [".", "_", "/", " "])}${pick(rng, WORDS)}`;
    case 6:
      return name.repeat(1 + rng.int(60));
    default:
      return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}${rng.int(10)}`;
  }
}

function pick<T>(rng: Rng, items: readonly T[]): T {
  return items[rng.int(items.length)];
}
